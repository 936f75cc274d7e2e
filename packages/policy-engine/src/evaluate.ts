import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import { Fault } from "./values/fault.ts";
import { typeName } from "./values/value.ts";

const none: CompiledPolicy[] = [];

/**
 * Asks policies about one request and keeps what they said. Nothing is cut short, so all reasons and errors are known.
 * A class rather than callbacks: this is the inner loop, and one shape keeps it fast.
 */
export class Outcome {
  forbids: CompiledPolicy[] = none;
  permits: CompiledPolicy[] = none;
  obligations: CompiledPolicy[] = none;
  errors: { readonly policy: CompiledPolicy; readonly fault: Fault }[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  /** Asks one policy whose scope fits. */
  ask(policy: CompiledPolicy): void {
    const outcome = policy.holds(this.#env);
    if (outcome === false) return;
    if (outcome === true) this.satisfied(policy);
    else this.errors.push({ policy, fault: asFault(outcome) });
  }

  /** Takes a policy that is known to be satisfied. */
  satisfied(policy: CompiledPolicy): void {
    if (policy.set === "obligations") this.obligations = added(this.obligations, policy);
    else if (policy.effect === "forbid") this.forbids = added(this.forbids, policy);
    else this.permits = added(this.permits, policy);
  }
}

/** What a condition gave that is not a boolean. */
export function asFault(outcome: Exclude<ReturnType<CompiledPolicy["holds"]>, boolean>): Fault {
  if (outcome instanceof Fault) return outcome;
  return new Fault(() => `type error: a condition is ${typeName(outcome)}, not bool`);
}

function added(list: CompiledPolicy[], policy: CompiledPolicy): CompiledPolicy[] {
  if (list === none) return [policy];
  list.push(policy);
  return list;
}
