import { err, ok, type Result, taggedError } from "@sluice/kernel";
import { BadEst } from "./compile/bad-est.ts";
import { compileSet } from "./compile/policy.ts";
import type { DecisionRequest, LoadError } from "./contract.ts";
import { PolicyIndex } from "./index/policy-index.ts";
import { envOf } from "./request.ts";
import { Fault } from "./values/fault.ts";

/** The answer of plain Cedar, without Sluice's verdicts. */
export interface CedarAnswer {
  readonly decision: "allow" | "deny";
  /** ids of the policies that determined it */
  readonly reasons: readonly string[];
  /** ids of the policies that failed to evaluate */
  readonly errors: readonly { readonly policyId: string; readonly message: string }[];
}

/** Plain Cedar over one policy set: what the official engine is compared with. */
export interface CedarAuthorizer {
  authorize(request: DecisionRequest): CedarAnswer;
}

/** Compiles one EST policy set with Cedar's own meaning: annotations are ignored, errors skip a policy. */
export function loadCedar(set: unknown): Result<CedarAuthorizer, LoadError> {
  try {
    const index = new PolicyIndex(compileSet(set, "access", "ignore"));
    return ok({ authorize: (request) => authorize(index, request) });
  } catch (error) {
    if (error instanceof BadEst) return err(taggedError(error.code, error.message, { retry: "after-change" }));
    throw error;
  }
}

function authorize(index: PolicyIndex, request: DecisionRequest): CedarAnswer {
  const env = envOf(request, request.principal);
  if (env instanceof Fault) return { decision: "deny", reasons: [], errors: [{ policyId: "", message: env.message }] };
  const { forbids, permits, errors } = index.evaluate(env);
  const allowed = forbids.length === 0 && permits.length > 0;
  return {
    decision: allowed ? "allow" : "deny",
    reasons: (allowed ? permits : forbids).map((policy) => policy.id),
    errors: errors.map(({ policy, fault }) => ({ policyId: policy.id, message: fault.message })),
  };
}
