import type { Env, Evaluate } from "./compile/env.ts";
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
    this.askRest(policy, policy.holds);
  }

  /** Asks what is left of a policy's condition; nothing left means that it is satisfied. */
  askRest(policy: CompiledPolicy, rest: Evaluate | undefined): void {
    const outcome = rest === undefined || rest(this.#env);
    if (outcome === false) return;
    if (outcome === true) this.#satisfied(policy);
    else this.errors.push({ policy, fault: asFault(outcome) });
  }

  /** Takes policies that are known to be satisfied. */
  take(
    forbids: readonly CompiledPolicy[],
    permits: readonly CompiledPolicy[],
    obligations: readonly CompiledPolicy[],
  ): void {
    this.forbids = joined(this.forbids, forbids);
    this.permits = joined(this.permits, permits);
    this.obligations = joined(this.obligations, obligations);
  }

  #satisfied(policy: CompiledPolicy): void {
    if (policy.part === "forbid") this.forbids = added(this.forbids, policy);
    else if (policy.part === "permit") this.permits = added(this.permits, policy);
    else this.obligations = added(this.obligations, policy);
  }
}

/** What a condition gave that is not a boolean. */
export function asFault(outcome: Exclude<ReturnType<CompiledPolicy["holds"]>, boolean>): Fault {
  if (outcome instanceof Fault) return outcome;
  return new Fault(() => `type error: expected bool, got ${typeName(outcome)}`);
}

/** The policies in the order of their sets, whichever way the index found them: equal requests get equal verdicts. */
export function inOrder(policies: readonly CompiledPolicy[]): readonly CompiledPolicy[] {
  let last = -1;
  for (const { order } of policies) {
    if (order < last) return policies.toSorted((left, right) => left.order - right.order);
    last = order;
  }
  return policies;
}

function added(list: CompiledPolicy[], policy: CompiledPolicy): CompiledPolicy[] {
  if (list === none) return [policy];
  list.push(policy);
  return list;
}

/** Mostly there is nothing to add: then no list is made. */
function joined(policies: CompiledPolicy[], more: readonly CompiledPolicy[]): CompiledPolicy[] {
  return more.length > 0 ? policies.concat(more) : policies;
}
