import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@sluice/kernel";
import type { Actor, OrgData } from "../scope.ts";
import { roleSchema } from "./permissions.ts";

/** How long a sign-in lasts, whatever is done with it. */
export const SESSION_LIFETIME_MS = 12 * 60 * 60 * 1000;
/** Live sign-ins of one member at most; the oldest ends when one more begins. */
export const SESSIONS_PER_MEMBER_MAX = 20;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

/** A sign-in that was found and is good now. */
export interface LiveSession {
  readonly id: string;
  readonly actor: Actor;
  readonly expiresAtMs: number;
}

/** A new opaque session token: 256 random bits. Only its sha-256 is stored. */
export function newSessionToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What the database knows of a token. */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token, "utf8").digest());
}

const memberWithGroups = { include: { memberships: { include: { group: true } } } } as const;

/**
 * The sign-in that a cookie's token proves in this org, or undefined: unknown here (also another tenant's), past its end,
 * or its member is locked or removed.
 */
export async function readSession(
  data: OrgData,
  clock: Clock,
  token: string | undefined,
): Promise<LiveSession | undefined> {
  if (token === undefined || !tokenForm.test(token)) return undefined;
  const row = await data.tx((tx) =>
    tx.authSession.findUnique({ where: { tokenHash: tokenHash(token) }, include: { member: memberWithGroups } }),
  );
  if (!row || row.expiresAt.getTime() <= clock.now()) return undefined;
  const actor = actorOf(row.member);
  return actor && { id: row.id, actor, expiresAtMs: row.expiresAt.getTime() };
}

/**
 * Whether a sign-in found earlier is still good, and its member's role and groups are the same: what a stream may show was
 * settled by them when it was opened. Cheap, for streams that stay open.
 */
export async function sessionStillLives(
  data: OrgData,
  clock: Clock,
  session: Pick<LiveSession, "id" | "actor">,
): Promise<boolean> {
  return data.sql(async (sql) => {
    const { rows } = await sql.query<{ role: string; groups: string[] }>(
      `SELECT m."role", ARRAY(SELECT g."name" FROM "group_member" p JOIN "principal_group" g ON g."id" = p."groupId"
         WHERE p."memberId" = m."id") AS groups
       FROM "auth_session" s JOIN "member" m ON m."orgId" = s."orgId" AND m."id" = s."memberId"
       WHERE s."id" = $1 AND s."expiresAt" > $2 AND m."status" = 'active' AND m."lockedAt" IS NULL`,
      [session.id, new Date(clock.now())],
    );
    const [now] = rows;
    if (!now || now.role !== session.actor.role) return false;
    return JSON.stringify(now.groups.sort()) === JSON.stringify(session.actor.groups);
  });
}

/** Begins a sign-in. Ended ones of the same member are swept, the oldest beyond the maximum end. */
export async function beginSession(data: OrgData, clock: Clock, memberId: string, token: string): Promise<Date> {
  const expiresAt = new Date(clock.now() + SESSION_LIFETIME_MS);
  await data.tx(async (tx) => {
    await tx.authSession.deleteMany({ where: { memberId, expiresAt: { lte: new Date(clock.now()) } } });
    const surplus = await tx.authSession.findMany({
      where: { memberId },
      orderBy: { createdAt: "desc" },
      skip: SESSIONS_PER_MEMBER_MAX - 1,
      select: { id: true },
    });
    await tx.authSession.deleteMany({ where: { id: { in: surplus.map((session) => session.id) } } });
    await tx.authSession.create({ data: { orgId: data.orgId, memberId, tokenHash: tokenHash(token), expiresAt } });
    await tx.member.update({ where: { id: memberId }, data: { lastSeenAt: new Date(clock.now()) } });
  });
  return expiresAt;
}

/** Ends the sign-in of a token; unknown ones are no error. */
export async function endSession(data: OrgData, token: string): Promise<void> {
  await data.tx((tx) => tx.authSession.deleteMany({ where: { tokenHash: tokenHash(token) } }));
}

interface MemberRow {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly status: string;
  readonly lockedAt: Date | null;
  readonly memberships: readonly { readonly group: { readonly name: string } }[];
}

/** A member's row as whoever acts; undefined when they may not act now. */
export function actorOf(member: MemberRow): Actor | undefined {
  if (member.status !== "active" || member.lockedAt !== null) return undefined;
  return {
    memberId: member.id,
    handle: member.handle,
    name: member.name,
    email: member.email,
    role: roleSchema.parse(member.role),
    groups: member.memberships.map((membership) => membership.group.name).sort(),
  };
}
