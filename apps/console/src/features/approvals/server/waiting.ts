import type { OrgTx } from "@sluice/db";
import type { Actor } from "../../../server/scope.ts";
import { mayDecide } from "./approval-rules.ts";
import {
  deciderOf,
  factsOfApproval,
  readApprovalContext,
  type StoredApproval,
  withDecisions,
} from "./approval-view.ts";

/** Waiting approvals that are looked at, at most; more than this in one org is a broken client. */
export const WAITING_MAX = 500;

/** What waits now, oldest first. */
export async function readWaiting(tx: OrgTx, nowMs: number): Promise<StoredApproval[]> {
  return tx.approval.findMany({
    where: { status: "waiting", expiresAt: { gt: new Date(nowMs) } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: WAITING_MAX,
    include: withDecisions,
  });
}

/** How many wait, and how many of them this member may decide. */
export async function countWaiting(
  tx: OrgTx,
  actor: Actor,
  nowMs: number,
): Promise<{ waiting: number; waitingForMe: number }> {
  const waiting = await readWaiting(tx, nowMs);
  const context = await readApprovalContext(tx, waiting);
  const forMe = waiting.filter((one) => mayDecide(factsOfApproval(one, context), deciderOf(actor), nowMs).ok);
  return { waiting: waiting.length, waitingForMe: forMe.length };
}
