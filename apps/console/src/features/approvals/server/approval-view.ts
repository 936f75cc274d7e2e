import type { OrgTx, Prisma } from "@sluice/db";
import { approvalSubjectSchema } from "@sluice/ledger";
import type { Actor } from "../../../server/scope.ts";
import { type ApprovalDetail, type ApprovalRow, approvalRowSchema } from "../schemas.ts";
import {
  type ApprovalFacts,
  type Decider,
  mayDecide,
  type WorkflowRules,
  workflowProgress,
  workflowStepsSchema,
} from "./approval-rules.ts";

/** What is read of approvals to show them. */
export const withDecisions = {
  decisions: {
    orderBy: { createdAt: "asc" },
    include: { member: { include: { memberships: { include: { group: true } } } } },
  },
} as const satisfies Prisma.ApprovalInclude;

/** An approval as stored, with its decisions. */
export type StoredApproval = Prisma.ApprovalGetPayload<{ include: typeof withDecisions }>;

/** What several approvals refer to, read once. */
export interface ApprovalContext {
  readonly workflows: ReadonlyMap<string, WorkflowRules>;
  readonly people: ReadonlyMap<string, { readonly handle: string; readonly name: string }>;
}

/** Reads what these approvals refer to: their workflows and the people at the end of their chains. */
export async function readApprovalContext(
  tx: OrgTx,
  approvals: readonly Pick<StoredApproval, "workflows" | "requesterId">[],
): Promise<ApprovalContext> {
  const names = [...new Set(approvals.flatMap(({ workflows }) => workflows))];
  const rows = await tx.workflow.findMany({ where: { name: { in: names } } });
  const ids = approvals.flatMap(({ requesterId }) => (requesterId === null ? [] : [requesterId]));
  const people = await tx.member.findMany({ where: { id: { in: ids } } });
  return {
    workflows: new Map(rows.map(({ name, steps }) => [name, { name, steps: workflowStepsSchema.parse(steps) }])),
    people: new Map(people.map(({ id, handle, name }) => [id, { handle, name }])),
  };
}

/** What the rules must know of a stored approval. */
export function factsOfApproval(stored: StoredApproval, context: ApprovalContext): ApprovalFacts {
  const { status, expiresAt, principalType, principalId, requesterId } = stored;
  const approvals = stored.decisions
    .filter(({ approved, member }) => approved && member.status === "active" && member.lockedAt === null)
    .map(({ memberId, member }) => ({ memberId, groups: member.memberships.map(({ group }) => group.name) }));
  const workflows = stored.workflows.map(
    (name) => context.workflows.get(name) ?? { name, steps: [{ group: `(deleted workflow ${name})`, needed: 1 }] },
  );
  return { status, expiresAtMs: expiresAt.getTime(), principalType, principalId, requesterId, workflows, approvals };
}

/** Who asks, as the rules see them. */
export function deciderOf(actor: Actor): Decider {
  return { memberId: actor.memberId, groups: actor.groups };
}

/** A stored approval as lists show it to `actor`. One that ran out but was not swept yet shows as expired. */
export function viewApproval(
  stored: StoredApproval,
  context: ApprovalContext,
  actor: Actor,
  nowMs: number,
): ApprovalRow {
  const subject = approvalSubjectSchema.parse(stored.subject);
  const allowed = mayDecide(factsOfApproval(stored, context), deciderOf(actor), nowMs);
  const overdue = stored.status === "waiting" && stored.expiresAt.getTime() <= nowMs;
  const [first] = subject.principals;
  return approvalRowSchema.parse({
    id: stored.id,
    status: overdue ? "expired" : stored.status,
    createdAt: stored.createdAt.toISOString(),
    expiresAt: stored.expiresAt.toISOString(),
    decidedAt: stored.decidedAt?.toISOString() ?? null,
    resource: subject.resource,
    principal: { type: first?.type, handle: first?.id, name: first?.name },
    requester: stored.requesterId === null ? null : (context.people.get(stored.requesterId) ?? null),
    statement: subject.statement,
    actions: subject.actions,
    workflows: stored.workflows,
    reason: stored.reason,
    decisions: stored.decisions.map(({ member, approved, reason, createdAt }) => ({
      by: { handle: member.handle, name: member.name },
      approved,
      reason,
      at: createdAt.toISOString(),
    })),
    mayDecide: allowed.ok,
    whyNot: allowed.ok ? null : allowed.error.public,
  });
}

/** How far each step of the approval's workflows is, with names. */
export function viewSteps(stored: StoredApproval, context: ApprovalContext): ApprovalDetail["steps"] {
  const facts = factsOfApproval(stored, context);
  const names = new Map(
    stored.decisions.map(({ member }) => [member.id, { handle: member.handle, name: member.name }]),
  );
  return facts.workflows.flatMap((workflow) =>
    workflowProgress(workflow, facts.approvals).map((step) => ({
      ...step,
      approvedBy: step.approvedBy.flatMap((id) => names.get(id) ?? []),
    })),
  );
}
