import { createPublicKey, type KeyObject } from "node:crypto";
import { type AccessTokenClaims, openAccessToken, tokenAudience, tokenIssuer } from "@sluice/bundle";
import { type Clock, err, ok, type Result, taggedError } from "@sluice/kernel";
import { entityUid } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { MovableSite } from "../control/site-state.ts";
import type { ClientIdentity, IdentityError, NamedPrincipal, VerifyAccessToken } from "./identity.ts";

/** How far the issuer's clock may be ahead of ours. */
const SKEW_SECONDS = 30;

const keysOf = new WeakMap<LoadedBundle, ReadonlyMap<string, KeyObject>>();

function tokenKeys(bundle: LoadedBundle): ReadonlyMap<string, KeyObject> {
  const known = keysOf.get(bundle);
  if (known !== undefined) return known;
  const keys = new Map(
    bundle.content.tokenKeys.map(({ kid, jwk }) => [kid, createPublicKey({ key: jwk, format: "jwk" })]),
  );
  keysOf.set(bundle, keys);
  return keys;
}

function refuse(code: IdentityError["code"], text: string, internal = text): Result<never, IdentityError> {
  return err(taggedError(code, text, { internal }));
}

/** The part of the site's state that a token is checked against. */
export type KnowingSite = Pick<MovableSite, "current" | "isRevoked">;

/**
 * Checks a client's access token against the bundle in force: signature, org, site, time, revocation, locks, that the
 * whole chain exists and is the one the bundle grants, and that the claimed user is who acts.
 */
export function createAccessTokenVerifier(site: KnowingSite, clock: Clock): VerifyAccessToken {
  return async (token, claimedUser) => {
    const current = site.current();
    if (!current.ok) return refuse("identity.unknown_key", current.reason);
    const { bundle } = current;
    const opened = openAccessToken(token, (kid) => tokenKeys(bundle).get(kid));
    if (!opened.ok) return refuse(openCodes[opened.error.code], opened.error.public);
    const claims = opened.value;
    if (site.isRevoked("token", claims.jti)) return refuse("identity.revoked", "The access token was revoked.");
    return checkClaims(claims, bundle, clock.now()) ?? checkPrincipals(claims, { bundle, site }, claimedUser);
  };
}

const openCodes = {
  "token.malformed": "identity.malformed",
  "token.unknown_key": "identity.unknown_key",
  "token.bad_signature": "identity.bad_signature",
} as const;

function checkClaims(
  claims: AccessTokenClaims,
  { content }: LoadedBundle,
  nowMs: number,
): Result<never, IdentityError> | undefined {
  const now = Math.floor(nowMs / 1_000);
  if (claims.iss !== tokenIssuer(content.orgId))
    return refuse("identity.wrong_org", "The access token is of another org.");
  if (claims.aud !== tokenAudience(content.siteId))
    return refuse("identity.wrong_site", "The access token is for another site.");
  if (claims.exp <= now) {
    return refuse(
      "identity.expired",
      `The access token ended at ${new Date(claims.exp * 1_000).toISOString()}; get a new one.`,
    );
  }
  if (Math.max(claims.nbf ?? 0, claims.iat) > now + SKEW_SECONDS) {
    return refuse("identity.not_yet_valid", "The access token is not valid yet: compare the clocks.");
  }
  if (content.revokedTokens.includes(claims.jti)) return refuse("identity.revoked", "The access token was revoked.");
  return undefined;
}

function checkPrincipals(
  claims: AccessTokenClaims,
  { bundle, site }: { readonly bundle: LoadedBundle; readonly site: KnowingSite },
  claimedUser: string,
): Result<ClientIdentity, IdentityError> {
  const actor = named(claims.act?.sub ?? claims.sub);
  const person = claims.act === undefined ? undefined : named(claims.sub);
  for (const one of person === undefined ? [actor] : [actor, person]) {
    const { type, id } = one.uid;
    if (!bundle.entities.has(one.uid))
      return refuse("identity.unknown_principal", `There is no ${type} "${id}" at this site.`);
    const name = `${type}::${JSON.stringify(id)}`;
    if (bundle.content.lockedPrincipals.includes(name) || site.isRevoked("principal", name)) {
      return refuse("identity.locked", `${type} "${id}" is locked.`);
    }
  }
  const chain = checkChain(actor, person, bundle);
  if (chain !== undefined) return chain;
  if (claimedUser !== actor.name) {
    return refuse("identity.user_mismatch", `The access token is for "${actor.name}": connect as that user.`);
  }
  return ok({ principal: actor, onBehalfOf: person, tokenId: claims.jti, expiresAtMs: claims.exp * 1_000 });
}

/** The token schema holds `sub` to Type:handle. */
function named(subject: string): NamedPrincipal {
  const colon = subject.indexOf(":");
  const name = subject.slice(colon + 1);
  return { uid: entityUid(subject.slice(0, colon), name), name };
}

// The bundle, not the token, says for whom an agent may act; and an agent that acts for a person never acts alone.
function checkChain(
  actor: NamedPrincipal,
  person: NamedPrincipal | undefined,
  bundle: LoadedBundle,
): Result<never, IdentityError> | undefined {
  if (person !== undefined && (actor.uid.type !== "Agent" || person.uid.type !== "User")) {
    return refuse("identity.malformed", "Only an agent acts for someone, and only for a user.");
  }
  if (actor.uid.type !== "Agent") return undefined;
  const bound = onBehalfOf(bundle, actor.uid.id);
  if (bound === person?.uid.id) return undefined;
  const text = bound === undefined ? "acts for nobody" : `acts for "${bound}" only`;
  return refuse("identity.unknown_principal", `Agent "${actor.name}" ${text} at this site.`);
}

function onBehalfOf({ content }: LoadedBundle, agent: string): string | undefined {
  const entity = content.entities.find(({ uid }) => uid.type === "Agent" && uid.id === agent);
  const value = entity?.attrs["onBehalfOf"];
  if (typeof value !== "object" || value === null) return undefined;
  const reference = "__entity" in value ? value.__entity : value;
  if (typeof reference !== "object" || reference === null || !("id" in reference)) return undefined;
  return typeof reference.id === "string" ? reference.id : undefined;
}
