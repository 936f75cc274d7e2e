import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

/** A publish request waits this long for its second person. */
export const REQUEST_MS = 24 * 3_600_000;

/** What the rules must know of a request. */
export interface RequestFacts {
  readonly status: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly requesterId: string;
  /** everybody who ever asked to publish exactly this text, or imported it as a draft */
  readonly behind: readonly string[];
}

/** Whoever wants to decide. */
export interface RequestDecider {
  readonly memberId: string;
  readonly joinedAtMs: number;
}

/** Why somebody may not decide a publish request. */
export type RequestRefusal = TaggedError<
  "approval.closed" | "approval.expired" | "approval.own" | "approval.not_approver"
>;

/**
 * Whether a member whose role may approve publishes may decide this one. Separation of duties knows no role: neither whoever
 * asked, nor anybody who asked for or imported the same text before, nor somebody who was added to the org only after it was asked.
 */
export function mayDecideRequest(
  request: RequestFacts,
  decider: RequestDecider,
  nowMs: number,
): Result<true, RequestRefusal> {
  if (request.status !== "waiting") return refuse("approval.closed", `This was ${request.status} already.`);
  if (request.expiresAtMs <= nowMs) return refuse("approval.expired", "The time to decide is over.");
  if (request.requesterId === decider.memberId) {
    return refuse("approval.own", "You asked for this yourself: somebody else must decide.");
  }
  if (request.behind.includes(decider.memberId)) {
    return refuse("approval.own", "This very text was asked for or imported by you before: somebody else must decide.");
  }
  if (decider.joinedAtMs >= request.createdAtMs) {
    return refuse(
      "approval.not_approver",
      "You joined after this was asked: somebody who was here before must decide.",
    );
  }
  return ok(true);
}

function refuse(code: RequestRefusal["code"], text: string): Result<never, RequestRefusal> {
  return err(taggedError(code, text));
}
