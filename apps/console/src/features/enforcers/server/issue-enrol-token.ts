import { createHash, randomBytes } from "node:crypto";
import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, Secret, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";

/** An enrolment token lives a quarter of an hour (the database refuses more). */
export const ENROL_TOKEN_MS = 15 * 60_000;

/** Shown once: only its sha-256 is stored. */
export interface EnrolToken {
  readonly token: Secret<string>;
  readonly expiresAt: Date;
}

/** Why no token is made. */
export type EnrolTokenError = TaggedError<"request.not_found" | "enrol.banned">;

/**
 * Makes the one-time token with which an enforcer gets its first certificate, in the caller's transaction. An older
 * token of the same enforcer that was not used ends with it.
 */
export async function issueEnrolToken(
  tx: OrgTx,
  deps: Pick<Deps, "clock">,
  orgId: string,
  enforcerId: string,
): Promise<Result<EnrolToken, EnrolTokenError>> {
  const enforcer = await tx.enforcer.findUnique({ where: { id: enforcerId } });
  if (!enforcer) return err(taggedError("request.not_found", "There is no such enforcer."));
  if (enforcer.status === "banned") return err(taggedError("enrol.banned", "This enforcer is banned."));
  await tx.enrolToken.deleteMany({ where: { enforcerId, usedAt: null } });
  const token = `sluice_enrol_${randomBytes(32).toString("base64url")}`;
  const createdAt = new Date(deps.clock.now());
  const expiresAt = new Date(createdAt.getTime() + ENROL_TOKEN_MS);
  await tx.enrolToken.create({
    data: { orgId, siteId: enforcer.siteId, enforcerId, tokenHash: enrolTokenHash(token), createdAt, expiresAt },
  });
  return ok({ token: new Secret(token), expiresAt });
}

/** What of an enrolment token is stored. */
export function enrolTokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token, "utf8").digest());
}
