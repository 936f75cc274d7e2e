import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgData } from "../../../server/scope.ts";
import { changeOrg } from "../../bundles/index.ts";
import {
  type ApprovalFacts,
  type DecideRefusal,
  type Decider,
  isFulfilled,
  mayDecide,
  type WorkflowRules,
  workflowStepsSchema,
} from "./approval-rules.ts";

/** What is decided, by digest: a yes to anything else than what was shown does not fit. */
export interface Decision {
  readonly approvalId: string;
  readonly digest: string;
  readonly approved: boolean;
  readonly reason: string;
}

/** How the approval stands after the decision: still "waiting" when more people must say yes. */
export interface Decided {
  readonly approvalId: string;
  readonly status: "waiting" | "approved" | "refused";
}

/** Why a decision is refused. */
export type DecideError = DecideRefusal | TaggedError<"request.not_found" | "approval.digest_mismatch">;

/**
 * A member decides a held exchange. One refusal by anybody who may decide ends it; a yes counts for the open step of each
 * workflow, and the last one needed approves it. The approval's row is locked meanwhile, so of two deciders at once one
 * waits and sees the other's. The decision is a record in the org's ledger; the enforcer hears of the outcome at once.
 */
export async function decideApproval(
  deps: Deps,
  data: OrgData,
  decider: { readonly memberId: string; readonly handle: string; readonly name: string },
  decision: Decision,
): Promise<Result<Decided, DecideError>> {
  const actor = { type: "User" as const, id: decider.handle, name: decider.name };
  return changeOrg(deps, data, actor, async (tx, notes) => {
    const allowed = await checkDecision(tx, deps.clock.now(), decider.memberId, decision);
    if (!allowed.ok) return allowed;
    const { facts, member } = allowed.value;
    await tx.approvalDecision.create({
      data: {
        orgId: data.orgId,
        approvalId: decision.approvalId,
        memberId: decider.memberId,
        approved: decision.approved,
        reason: decision.reason,
      },
    });
    const status = statusAfter(decision, facts, member);
    if (status !== "waiting") {
      await tx.approval.update({
        where: { id: decision.approvalId },
        data: { status, reason: decision.reason, decidedAt: new Date(deps.clock.now()) },
      });
    }
    notes.record({
      action: decision.approved ? "approval.approve" : "approval.refuse",
      target: `Approval::"${decision.approvalId}"`,
      before: { status: "waiting" },
      after: { status, digest: decision.digest, reason: decision.reason },
    });
    return ok({ approvalId: decision.approvalId, status });
  });
}

function statusAfter(decision: Decision, facts: ApprovalFacts, member: Decider): Decided["status"] {
  if (!decision.approved) return "refused";
  return isFulfilled(facts.workflows, [...facts.approvals, member]) ? "approved" : "waiting";
}

async function checkDecision(
  tx: OrgTx,
  nowMs: number,
  memberId: string,
  decision: Decision,
): Promise<Result<{ facts: ApprovalFacts; member: Decider }, DecideError>> {
  const unknown = taggedError("request.not_found", "There is no such approval.");
  if (!z.uuid().safeParse(decision.approvalId).success) return err(unknown);
  const locked = await tx.$queryRaw<{ digest: string }[]>`
    SELECT "digest" FROM "approval" WHERE "id" = ${decision.approvalId}::uuid FOR UPDATE`;
  const [row] = locked;
  if (!row) return err(unknown);
  if (row.digest !== decision.digest) {
    return err(taggedError("approval.digest_mismatch", "What is asked is not what you were shown: look at it again."));
  }
  const member = await readDecider(tx, memberId);
  if (!member) return err(taggedError("approval.not_approver", "Only active members can decide."));
  const facts = await readApprovalFacts(tx, decision.approvalId);
  const allowed = mayDecide(facts, member, nowMs);
  return allowed.ok ? ok({ facts, member }) : allowed;
}

/** A member with their groups, unless they are locked or removed. */
export async function readDecider(tx: OrgTx, memberId: string): Promise<Decider | undefined> {
  const member = await tx.member.findUnique({
    where: { id: memberId, status: "active", lockedAt: null },
    include: { memberships: { include: { group: true } } },
  });
  return member ? { memberId, groups: member.memberships.map(({ group }) => group.name) } : undefined;
}

/** Reads what the rules need of one approval. Throws when it does not exist in the scope. */
export async function readApprovalFacts(tx: OrgTx, approvalId: string): Promise<ApprovalFacts> {
  const approval = await tx.approval.findUniqueOrThrow({
    where: { id: approvalId },
    include: {
      decisions: { include: { member: { include: { memberships: { include: { group: true } } } } } },
    },
  });
  return {
    status: approval.status,
    expiresAtMs: approval.expiresAt.getTime(),
    principalType: approval.principalType,
    principalId: approval.principalId,
    requesterId: approval.requesterId,
    workflows: await readWorkflows(tx, approval.workflows),
    approvals: approval.decisions
      .filter(({ approved, member }) => approved && member.status === "active" && member.lockedAt === null)
      .map(({ memberId, member }) => ({ memberId, groups: member.memberships.map(({ group }) => group.name) })),
  };
}

async function readWorkflows(tx: OrgTx, names: readonly string[]): Promise<WorkflowRules[]> {
  const rows = await tx.workflow.findMany({ where: { name: { in: [...names] } } });
  const byName = new Map(rows.map((row) => [row.name, workflowStepsSchema.parse(row.steps)]));
  // A workflow that was deleted since keeps its place with a step that nobody can fulfil.
  return names.map((name) => ({
    name,
    steps: byName.get(name) ?? [{ group: `(deleted workflow ${name})`, needed: 1 }],
  }));
}
