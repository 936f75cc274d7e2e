import type { OrgTx } from "@sluice/db";

/**
 * Ends a waiting ask because its client went away; one whose time is over counts as expired. Returns whether it still
 * waited. Only the enforcer that asked can withdraw.
 */
export async function withdrawApproval(
  tx: OrgTx,
  input: { readonly approvalId: string; readonly enforcerId: string; readonly reason: string },
  nowMs: number,
): Promise<boolean> {
  const { approvalId: id, enforcerId } = input;
  const waiting = { id, enforcerId, status: "waiting" };
  const decidedAt = new Date(nowMs);
  const over = await tx.approval.updateMany({
    where: { ...waiting, expiresAt: { lte: decidedAt } },
    data: { status: "expired", decidedAt, reason: "Nobody decided in time." },
  });
  if (over.count > 0) return true;
  const gone = await tx.approval.updateMany({
    where: waiting,
    data: { status: "withdrawn", decidedAt, reason: input.reason.slice(0, 500) },
  });
  return gone.count > 0;
}

/** Expires every waiting ask of the org whose time is over; returns how many. */
export async function expireApprovals(tx: OrgTx, nowMs: number): Promise<number> {
  const decidedAt = new Date(nowMs);
  const { count } = await tx.approval.updateMany({
    where: { status: "waiting", expiresAt: { lte: decidedAt } },
    data: { status: "expired", decidedAt, reason: "Nobody decided in time." },
  });
  return count;
}
