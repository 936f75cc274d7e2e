import { randomBytes } from "node:crypto";
import type { Clock } from "@sluice/kernel";
import type { Actor, OrgData } from "../scope.ts";
import { actorOf, tokenHash } from "./sessions.ts";

export { tokenHash } from "./sessions.ts";

const PREFIX = "sluice_api_";
const tokenForm = /^sluice_api_[A-Za-z0-9_-]{43}$/;

/** A new bearer token: 256 random bits behind a prefix that secret scanners can find. Only its sha-256 is stored. */
export function newApiToken(): string {
  return PREFIX + randomBytes(32).toString("base64url");
}

/** The token of an `Authorization: Bearer …` header, or undefined when there is none of our form. */
export function bearerOf(header: string | null | undefined): string | undefined {
  const token = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  return token !== undefined && tokenForm.test(token) ? token : undefined;
}

/** The member whose token it is in this org, or undefined: unknown here, ended, revoked, or its member may not act. */
export async function readApiToken(data: OrgData, clock: Clock, token: string): Promise<Actor | undefined> {
  const row = await data.tx((tx) =>
    tx.apiToken.findUnique({
      where: { tokenHash: tokenHash(token) },
      include: { member: { include: { memberships: { include: { group: true } } } } },
    }),
  );
  if (!row || row.revokedAt !== null || row.expiresAt.getTime() <= clock.now()) return undefined;
  return actorOf(row.member);
}
