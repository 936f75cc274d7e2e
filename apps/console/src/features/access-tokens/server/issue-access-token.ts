import { issueAccessToken as signToken, tokenAudience, tokenIssuer } from "@sluice/bundle";
import { err, newId, ok, type Result, Secret, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import type { OrgData } from "../../../server/scope.ts";
import { changeOrg } from "../../bundles/index.ts";
import { readPrivateKey } from "../../keys/index.ts";
import type { ChangeActor } from "../../records/index.ts";

/** How long a token lives when nobody says otherwise, and at most: 8 h and 24 h. */
export const TOKEN_S_DEFAULT = 28_800;
export const TOKEN_S_MAX = 86_400;

/** For whom and where. */
export interface TokenWish {
  readonly siteId: string;
  /** the member it is for, or the member an agent acts for */
  readonly principal:
    | { readonly type: "User"; readonly memberId: string }
    | { readonly type: "Agent"; readonly agentId: string };
  /** what the console lists it as */
  readonly name: string;
  readonly lifetimeS?: number;
}

/** Shown once: the token is not stored. */
export interface IssuedToken {
  readonly id: string;
  readonly token: Secret<string>;
  /** the user name to connect with: the acting principal's handle */
  readonly user: string;
  readonly expiresAt: Date;
}

/** Why no token is issued. */
export type IssueTokenError = TaggedError<
  "request.not_found" | "access_token.locked" | "access_token.too_long" | "access_token.too_short"
>;

interface Subject {
  readonly id: string;
  readonly handle: string;
  readonly claims: { readonly sub: string; readonly act?: { readonly sub: string } };
}

/**
 * Issues a client access token: a JWT signed with the org's token key, good at one site. An agent's token names the person
 * it acts for as the subject and the agent as the actor (RFC 8693). Refuses locked and removed principals.
 */
export async function issueAccessToken(
  deps: Deps,
  data: OrgData,
  actor: ChangeActor,
  wish: TokenWish,
): Promise<Result<IssuedToken, IssueTokenError>> {
  const lifetimeS = wish.lifetimeS ?? TOKEN_S_DEFAULT;
  if (lifetimeS > TOKEN_S_MAX) return err(taggedError("access_token.too_long", "A token lives 24 hours at most."));
  if (lifetimeS < 1) return err(taggedError("access_token.too_short", "A token lives at least a second."));
  return changeOrg(deps, data, actor, async (tx, notes) => {
    const site = await tx.site.findUnique({ where: { id: wish.siteId } });
    if (!site) return err(taggedError("request.not_found", "There is no such site."));
    const subject = await subjectOf(tx, wish.principal);
    if (!subject.ok) return subject;
    const issuedS = Math.floor(deps.clock.now() / 1_000);
    const id = newId(deps.clock.now());
    const key = await readPrivateKey(tx, deps.sealer, data.orgId, "token");
    const claims = { iss: tokenIssuer(data.orgId), aud: tokenAudience(site.id), ...subject.value.claims };
    const token = signToken({ ...claims, jti: id, iat: issuedS, exp: issuedS + lifetimeS }, key);
    const expiresAt = new Date((issuedS + lifetimeS) * 1_000);
    await tx.accessToken.create({
      data: {
        id,
        orgId: data.orgId,
        siteId: site.id,
        principalType: wish.principal.type,
        principalId: subject.value.id,
        name: wish.name,
        issuedAt: new Date(issuedS * 1_000),
        expiresAt,
      },
    });
    notes.record({
      action: "access_token.issue",
      target: `${wish.principal.type}::"${subject.value.handle}"`,
      after: { id, site: site.slug, expiresAt },
    });
    return ok({ id, token: new Secret(token), user: subject.value.handle, expiresAt });
  });
}

type Tx = Parameters<Parameters<OrgData["tx"]>[0]>[0];

async function subjectOf(tx: Tx, principal: TokenWish["principal"]): Promise<Result<Subject, IssueTokenError>> {
  const stopped = (who: string) =>
    err(taggedError("access_token.locked", `${who} is locked or removed and gets no token.`));
  if (principal.type === "User") {
    const member = await tx.member.findUnique({ where: { id: principal.memberId } });
    if (!member) return err(taggedError("request.not_found", "There is no such member."));
    if (member.status !== "active" || member.lockedAt) return stopped(member.handle);
    return ok({ id: member.id, handle: member.handle, claims: { sub: `User:${member.handle}` } });
  }
  const agent = await tx.agent.findUnique({ where: { id: principal.agentId }, include: { onBehalfOf: true } });
  if (!agent) return err(taggedError("request.not_found", "There is no such agent."));
  if (agent.status !== "active" || agent.lockedAt) return stopped(agent.handle);
  const person = agent.onBehalfOf;
  if (person && (person.status !== "active" || person.lockedAt)) return stopped(person.handle);
  const sub = `Agent:${agent.handle}`;
  const claims = person ? { sub: `User:${person.handle}`, act: { sub } } : { sub };
  return ok({ id: agent.id, handle: agent.handle, claims });
}
