import type { OutcomeEntry } from "@sluice/ledger";
import type { ApprovalAnswer } from "../control/approvals.ts";
import type { Denial } from "../protocols/protocol.ts";

/** A denial that says what became of an approval. */
export function approvalDenial(reason: string, hint?: string): Denial {
  return { kind: "approval", policyId: "approval", reason, hint };
}

/** The client took the request back. */
export function withdrawn(): Denial {
  return { kind: "withdrawn", policyId: "approval", reason: "the request for approval was withdrawn" };
}

/** Why an answer that is not an approval refuses; undefined for an approval. */
export function refusalOf(answer: ApprovalAnswer): Denial | undefined {
  switch (answer.kind) {
    case "approved":
      return undefined;
    case "refused":
      return approvalDenial(
        `approval was refused${by(answer.approverIds)}${why(answer.reason)}`,
        "ask the approver what would be acceptable",
      );
    case "expired":
      return approvalDenial(`nobody approved it in time${why(answer.reason)}`, "run it again and tell an approver");
    case "unavailable":
      return approvalDenial(
        `approval cannot be asked now${why(answer.reason)}`,
        "try again when the control plane is reachable",
      );
  }
}

/** The approval as it stands on the record; absent when it could not be asked at all. */
export function recordedApproval(id: string, answer: ApprovalAnswer, aborted: boolean): OutcomeEntry["approval"] {
  if (aborted) return { id, outcome: "withdrawn", approvers: [] };
  if (answer.kind === "unavailable") return undefined;
  return { id, outcome: answer.kind, approvers: answer.kind === "expired" ? [] : [...answer.approverIds] };
}

function by(approverIds: readonly string[]): string {
  return approverIds.length === 0 ? "" : ` by ${approverIds.join(", ")}`;
}

function why(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}
