import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { z } from "zod";
import { keyIdOf } from "./keys.ts";

/** Longest access token that is read, in characters; a Postgres password packet holds it. */
export const ACCESS_TOKEN_CHARS_MAX = 4_096;

const subject = z.string().regex(/^(User|Agent|Workload):[^\s:][^\s]*$/);

/**
 * The claims of a client's access token: the password it gives, inside TLS only. `sub` is the person (or the agent that
 * acts for nobody), `act.sub` the agent that acts for that person (RFC 8693 section 4.1). Times are whole seconds.
 */
export const accessTokenClaimsSchema = z.strictObject({
  iss: z.string().regex(/^sluice:.+$/),
  aud: z.string().regex(/^sluice:site:.+$/),
  sub: subject,
  act: z.strictObject({ sub: subject }).optional(),
  jti: z.string().min(1).max(128),
  iat: z.number().int().nonnegative(),
  nbf: z.number().int().nonnegative().optional(),
  exp: z.number().int().positive(),
});

/** The parsed claims. */
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>;

// Closed on purpose: no other algorithm, no embedded key, no critical extension is ever read.
const headerSchema = z.strictObject({
  alg: z.literal("EdDSA"),
  typ: z.literal("JWT"),
  kid: z.string().min(1).max(128),
});

/** `iss` of an org's tokens. */
export function tokenIssuer(orgId: string): string {
  return `sluice:${orgId}`;
}

/** `aud` of tokens that are good at one site. */
export function tokenAudience(siteId: string): string {
  return `sluice:site:${siteId}`;
}

/** The `tokenKeys` entry of a bundle for a token-signing key. `kid` is the key's own hash. */
export function tokenKeyEntry(key: KeyObject): { kid: string; jwk: Record<string, unknown> } {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return { kid: keyIdOf(publicKey), jwk: { ...publicKey.export({ format: "jwk" }) } };
}

/** Signs claims as a compact JWT (EdDSA). Throws when they do not have the schema's form: the issuer's bug. */
export function issueAccessToken(claims: AccessTokenClaims, privateKey: KeyObject): string {
  const header = { alg: "EdDSA", typ: "JWT", kid: keyIdOf(privateKey) };
  const signed = `${encode(header)}.${encode(accessTokenClaimsSchema.parse(claims))}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}

/** Why a token cannot be believed at all. Time, org, site and revocation are the reader's to check. */
export type AccessTokenError = TaggedError<"token.malformed" | "token.unknown_key" | "token.bad_signature">;

/**
 * The claims of a token whose signature holds under the key that its header names. Checks form and signature only; reads
 * no clock. Never throws on bad input.
 */
export function openAccessToken(
  token: string,
  keyOf: (kid: string) => KeyObject | undefined,
): Result<AccessTokenClaims, AccessTokenError> {
  const parts = token.length <= ACCESS_TOKEN_CHARS_MAX ? token.split(".") : [];
  const [head, body, signature] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || signature === undefined) {
    return err(taggedError("token.malformed", "The password is not an access token."));
  }
  const header = headerSchema.safeParse(decode(head));
  if (!header.success) return err(taggedError("token.malformed", "The access token's header is not one of Sluice."));
  const key = keyOf(header.data.kid);
  if (key === undefined) return err(taggedError("token.unknown_key", "The access token is signed by an unknown key."));
  if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    return err(taggedError("token.bad_signature", "The access token's signature does not hold."));
  }
  const claims = accessTokenClaimsSchema.safeParse(decode(body));
  if (!claims.success)
    return err(taggedError("token.malformed", "The access token's claims do not have the agreed form."));
  return ok(claims.data);
}

function decode(part: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined; // not JSON: the schema that follows refuses it
  }
}
