import type { Db, OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import { type IssueError, requestKey } from "../../keys/index.ts";
import { recordChange, systemActor } from "../../records/index.ts";
import { type Certified, certifyEnforcer } from "./certify-enforcer.ts";
import { enrolTokenHash } from "./issue-enrol-token.ts";

/** What an enforcer shows to get its first certificate. */
export interface EnrolRequest {
  readonly token: string;
  readonly csrDer: Uint8Array;
  readonly version: string;
  readonly hostname: string;
}

/** What it gets: who it is, its certificate, and the key that signs its bundles, to be pinned. */
export interface Enrolled extends Certified {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
  readonly bundleKey: Uint8Array;
}

/** Why nobody is enrolled. */
export type EnrolError =
  | IssueError
  | TaggedError<"enrol.unknown_token" | "enrol.used" | "enrol.expired" | "enrol.banned" | "enrol.enrolled_already">;

/**
 * Exchanges a one-time token for a certificate. The token is good once, for at most 15 minutes, for one enforcer of one
 * site; showing it again within that time with the very same key gives another certificate (the first answer may have been
 * lost). An enforcer that was enrolled before is not enrolled again: a new key would begin a second chain of records.
 */
export async function enrolEnforcer(
  db: Db,
  deps: Pick<Deps, "clock" | "sealer">,
  request: EnrolRequest,
): Promise<Result<Enrolled, EnrolError>> {
  const key = await requestKey(request.csrDer);
  if (!key.ok) return key;
  const found = await db.lookups.enrolToken(enrolTokenHash(request.token));
  if (!found) return err(taggedError("enrol.unknown_token", "This enrolment token is not known."));
  return db.withOrg(found.orgId, async (tx) => {
    const claimed = await claimToken(tx, deps.clock.now(), found.id, key.value);
    if (!claimed.ok) return claimed;
    const { siteId, enforcerId, name } = claimed.value;
    const certified = await certifyEnforcer(tx, deps, { orgId: found.orgId, siteId, enforcerId }, request.csrDer);
    if (!certified.ok) return certified;
    const { version, hostname } = request;
    await tx.enforcer.update({ where: { id: enforcerId }, data: { version: cut(version), hostname: cut(hostname) } });
    const change = { action: "enforcer.enrol", target: `Enforcer::"${name}"`, after: { hostname: cut(hostname) } };
    await recordChange(tx, deps, found.orgId, systemActor, change);
    const bundle = await tx.signingKey.findFirstOrThrow({ where: { purpose: "bundle", retiredAt: null } });
    return ok({ orgId: found.orgId, siteId, enforcerId, bundleKey: bundle.publicKey, ...certified.value });
  });
}

async function claimToken(
  tx: OrgTx,
  nowMs: number,
  tokenId: string,
  publicKey: Uint8Array,
): Promise<Result<{ siteId: string; enforcerId: string; name: string }, EnrolError>> {
  // Of two that show the token at once, the second waits here and sees it used.
  await tx.$queryRaw`SELECT "id" FROM "enrol_token" WHERE "id" = ${tokenId}::uuid FOR UPDATE`;
  const token = await tx.enrolToken.findUnique({
    where: { id: tokenId },
    include: { enforcer: { include: { certificates: true } } },
  });
  if (!token) return err(taggedError("enrol.unknown_token", "This enrolment token is not known."));
  const { enforcer } = token;
  if (token.expiresAt.getTime() <= nowMs) return err(taggedError("enrol.expired", "This enrolment token has expired."));
  if (enforcer.status === "banned") return err(taggedError("enrol.banned", "This enforcer is banned."));
  const sameKey = enforcer.certificates.some((each) => Buffer.from(each.publicKey).equals(publicKey));
  if (token.usedAt && !sameKey) return err(taggedError("enrol.used", "This enrolment token was used already."));
  if (enforcer.certificates.length > 0 && !sameKey) {
    const text = "This enforcer is enrolled already. Add a new one in the console and use its token.";
    return err(taggedError("enrol.enrolled_already", text));
  }
  if (!token.usedAt) await tx.enrolToken.update({ where: { id: tokenId }, data: { usedAt: new Date(nowMs) } });
  return ok({ siteId: token.siteId, enforcerId: token.enforcerId, name: enforcer.name });
}

function cut(text: string): string {
  return text.slice(0, 200);
}
