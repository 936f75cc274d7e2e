import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { wakes } from "../../../server/live.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { approvalEventSchema } from "../schemas.ts";
import { readApprovalContext, viewApproval, withDecisions } from "./approval-view.ts";
import { visibleApprovals } from "./visible.ts";
import { countWaiting } from "./waiting.ts";

const NEWEST_SHOWN = 20;
type ApprovalEvent = z.infer<typeof approvalEventSchema>;

/** The inbox now and after each change of it, until the signal. Says nothing when nothing changed. */
export async function* followApprovals(
  deps: Deps,
  scope: OrgScope,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; event: ApprovalEvent }> {
  let before = "";
  for await (const _ of wakes(deps, scope.org.id, signal)) {
    const event = await readInbox(deps, scope);
    const now = JSON.stringify(event);
    if (now === before) continue;
    before = now;
    yield { id: String(deps.clock.now()), event };
  }
}

async function readInbox(deps: Deps, scope: OrgScope): Promise<ApprovalEvent> {
  const nowMs = deps.clock.now();
  return scope.data.tx(async (tx) => {
    const open = { status: "waiting", expiresAt: { gt: new Date(nowMs) } };
    const newest = await tx.approval.findMany({
      where: { AND: [await visibleApprovals(tx, scope.actor), open] },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: NEWEST_SHOWN,
      include: withDecisions,
    });
    const context = await readApprovalContext(tx, newest);
    return {
      ...(await countWaiting(tx, scope.actor, nowMs)),
      newest: newest.map((one) => viewApproval(one, context, scope.actor, nowMs)),
    };
  });
}
