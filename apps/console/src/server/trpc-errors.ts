import type { Result, TaggedError } from "@sluice/kernel";
import { TRPCError } from "@trpc/server";

const byCode: Readonly<Record<string, TRPCError["code"]>> = {
  "request.not_found": "NOT_FOUND",
  "request.forbidden": "FORBIDDEN",
  "request.conflict": "CONFLICT",
  "request.too_many": "TOO_MANY_REQUESTS",
  "policy.needs_second_person": "PRECONDITION_FAILED",
  "policy.tests_fail": "PRECONDITION_FAILED",
  "approval.own": "FORBIDDEN",
  "approval.not_approver": "FORBIDDEN",
  "approval.closed": "CONFLICT",
  "approval.expired": "CONFLICT",
  "approval.decided_already": "CONFLICT",
  "approval.digest_mismatch": "CONFLICT",
  "access_token.locked": "FORBIDDEN",
};

/** The one translation from refusals to tRPC: the public text and the stable code, nothing internal. */
export async function answer<T>(pending: Promise<Result<T, TaggedError>>): Promise<T> {
  const result = await pending;
  if (result.ok) return result.value;
  throw new TRPCError({
    code: byCode[result.error.code] ?? "BAD_REQUEST",
    message: result.error.public,
    cause: new Refusal(result.error),
  });
}

/** Carries the tagged error to the formatter and the log. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly refusal: TaggedError;
  constructor(refusal: TaggedError) {
    super(refusal.internal);
    this.refusal = refusal;
  }
}
