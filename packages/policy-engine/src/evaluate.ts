import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { Fault } from "./values/fault.ts";

/** What every candidate policy said about one request. */
export interface Outcome {
  readonly forbids: CompiledPolicy[];
  readonly permits: CompiledPolicy[];
  readonly obligations: CompiledPolicy[];
  readonly errors: { readonly policy: CompiledPolicy; readonly fault: Fault }[];
}

/** Asks every policy that can apply; nothing is cut short, so all reasons and errors are known. */
export function evaluate(index: PolicyIndex, env: Env): Outcome {
  const outcome: Outcome = { forbids: [], permits: [], obligations: [], errors: [] };
  index.visit(env, (policy) => {
    const satisfied = policy.evaluate(env);
    if (satisfied === false) return;
    if (satisfied instanceof Fault) outcome.errors.push({ policy, fault: satisfied });
    else if (policy.set === "obligations") outcome.obligations.push(policy);
    else if (policy.effect === "forbid") outcome.forbids.push(policy);
    else outcome.permits.push(policy);
  });
  return outcome;
}
