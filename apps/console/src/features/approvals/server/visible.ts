import type { OrgTx, Prisma } from "@sluice/db";
import { roleAllows } from "../../../server/auth/permissions.ts";
import type { Actor } from "../../../server/scope.ts";
import { workflowStepsSchema } from "./approval-rules.ts";

/** Approvals that the member or an agent of theirs asked for. */
export async function ownApprovals(tx: OrgTx, actor: Actor): Promise<Prisma.ApprovalWhereInput> {
  const agents = await tx.agent.findMany({ where: { onBehalfOfId: actor.memberId }, select: { id: true } });
  const ids = [actor.memberId, ...agents.map(({ id }) => id)];
  return { OR: [{ principalId: { in: ids } }, { requesterId: actor.memberId }] };
}

/**
 * Approvals that the member may see: everybody who may read all records or is in an approver group sees all, others what
 * they asked for themselves.
 */
export async function visibleApprovals(tx: OrgTx, actor: Actor): Promise<Prisma.ApprovalWhereInput> {
  if (roleAllows(actor.role, "records:read")) return {};
  const workflows = await tx.workflow.findMany();
  const groups = new Set(actor.groups);
  const mine = workflows.filter(({ steps }) => stepGroups(steps).some((group) => groups.has(group)));
  return { OR: [await ownApprovals(tx, actor), { workflows: { hasSome: mine.map(({ name }) => name) } }] };
}

function stepGroups(steps: Prisma.JsonValue): string[] {
  return workflowStepsSchema.parse(steps).map(({ group }) => group);
}
