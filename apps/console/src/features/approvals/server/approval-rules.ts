import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { z } from "zod";

/** The steps of a workflow, in order: so many members of that group must say yes. */
export const workflowStepsSchema = z
  .array(z.object({ group: z.string().min(1), needed: z.number().int().min(1).max(20).default(1) }))
  .min(1)
  .max(10);

/** One workflow that an approval runs through. */
export interface WorkflowRules {
  readonly name: string;
  readonly steps: readonly { readonly group: string; readonly needed: number }[];
}

/** A member who decides or has decided, with the groups they are in now. */
export interface Decider {
  readonly memberId: string;
  readonly groups: readonly string[];
}

/** What the rules must know of an approval. */
export interface ApprovalFacts {
  readonly status: string;
  readonly expiresAtMs: number;
  readonly principalType: string;
  readonly principalId: string;
  /** the person at the end of the delegation chain */
  readonly requesterId: string | null;
  /** every workflow that it names; all must be fulfilled */
  readonly workflows: readonly WorkflowRules[];
  /** who said yes so far */
  readonly approvals: readonly Decider[];
}

/** Why somebody may not decide. */
export type DecideRefusal = TaggedError<
  "approval.closed" | "approval.expired" | "approval.own" | "approval.not_approver" | "approval.decided_already"
>;

/** One step with who fulfilled it. */
export interface StepProgress {
  readonly workflow: string;
  readonly group: string;
  readonly needed: number;
  readonly approvedBy: readonly string[];
}

/**
 * How far a workflow is. Steps are taken in order; each person counts once per workflow, for the first step that was open
 * to them. Somebody who left the group since does not count any more.
 */
export function workflowProgress(workflow: WorkflowRules, approvals: readonly Decider[]): StepProgress[] {
  const unused = new Map(approvals.map((decider) => [decider.memberId, decider]));
  let reached = true;
  return workflow.steps.map(({ group, needed }) => {
    const approvedBy: string[] = [];
    for (const { memberId, groups } of reached ? [...unused.values()] : []) {
      if (approvedBy.length === needed || !groups.includes(group)) continue;
      approvedBy.push(memberId);
      unused.delete(memberId);
    }
    reached &&= approvedBy.length === needed;
    return { workflow: workflow.name, group, needed, approvedBy };
  });
}

/** Whether every workflow is fulfilled. An approval without workflows never is: nobody could have said yes to it. */
export function isFulfilled(workflows: readonly WorkflowRules[], approvals: readonly Decider[]): boolean {
  return (
    workflows.length > 0 &&
    workflows.every((workflow) =>
      workflowProgress(workflow, approvals).every((step) => step.approvedBy.length === step.needed),
    )
  );
}

/**
 * Whether a member may decide now. Separation of duties comes first and knows no role: neither the one who asked nor the
 * person for whom an agent asked ever decides. Otherwise a member of the group of a step that is open now may.
 */
export function mayDecide(approval: ApprovalFacts, decider: Decider, nowMs: number): Result<true, DecideRefusal> {
  if (approval.status !== "waiting") return refuse("approval.closed", `This was ${approval.status} already.`);
  if (approval.expiresAtMs <= nowMs) return refuse("approval.expired", "The time to decide is over.");
  const asked = approval.principalType === "User" && approval.principalId === decider.memberId;
  if (asked) return refuse("approval.own", "You asked for this yourself: somebody else must decide.");
  if (approval.requesterId === decider.memberId) {
    return refuse("approval.own", "Your agent asked for this on your behalf: somebody else must decide.");
  }
  if (approval.approvals.some(({ memberId }) => memberId === decider.memberId)) {
    return refuse("approval.decided_already", "You have decided this already.");
  }
  const open = approval.workflows.flatMap((workflow) => openStep(workflow, approval.approvals) ?? []);
  if (open.some(({ group }) => decider.groups.includes(group))) return ok(true);
  const groups = [...new Set(open.map(({ group }) => group))].join(" or ");
  return refuse("approval.not_approver", `Only members of ${groups || "an approver group"} can decide this now.`);
}

function openStep(workflow: WorkflowRules, approvals: readonly Decider[]): StepProgress | undefined {
  return workflowProgress(workflow, approvals).find((step) => step.approvedBy.length < step.needed);
}

function refuse(code: DecideRefusal["code"], text: string): Result<never, DecideRefusal> {
  return err(taggedError(code, text));
}
