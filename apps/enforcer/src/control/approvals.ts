import type { ApprovalSubject } from "@sluice/ledger";

/** What is held and waits for people. */
export interface ApprovalRequest {
  readonly approvalId: string;
  readonly exchangeId: string;
  /** approvalDigest(subject) of packages/ledger */
  readonly digest: string;
  readonly workflows: readonly string[];
  readonly subject: ApprovalSubject;
  readonly expiresAtMs: number;
}

/** How it ended. */
export type ApprovalAnswer =
  | { readonly kind: "approved"; readonly approverIds: readonly string[]; readonly reason: string }
  | { readonly kind: "refused"; readonly approverIds: readonly string[]; readonly reason: string }
  | { readonly kind: "expired"; readonly reason: string }
  /** it could not be asked at all: control plane unreachable, unknown workflow … */
  | { readonly kind: "unavailable"; readonly reason: string };

/** Asks people through the control plane. At most `approvalsWaitingMax` at once; beyond that it answers unavailable. */
export interface Approvals {
  /**
   * Resolves once with the answer. `onLink` is told the console's address as soon as the request has arrived there.
   * Aborting withdraws the request (the client went away).
   */
  ask(request: ApprovalRequest, onLink: (url: string) => void, signal: AbortSignal): Promise<ApprovalAnswer>;
}
