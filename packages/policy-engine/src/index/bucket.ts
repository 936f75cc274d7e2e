import type { Env, Evaluate } from "../compile/env.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Outcome } from "../evaluate.ts";
import { Fault } from "../values/fault.ts";
import type { Val } from "../values/value.ts";
import { type Guard, guardOf } from "./guards.ts";

/** Policies whose conditions begin by looking at the same path, which is read once for all of them. */
class GuardGroup {
  readonly all: CompiledPolicy[] = [];
  readonly #read: Evaluate;
  readonly #byValue = new Map<Val, CompiledPolicy[]>();
  readonly #ifTrue: CompiledPolicy[] = [];
  readonly #ifFalse: CompiledPolicy[] = [];
  readonly #tests: { readonly mayHold: (value: Val) => boolean; readonly policy: CompiledPolicy }[] = [];

  constructor(read: Evaluate) {
    this.#read = read;
  }

  add(policy: CompiledPolicy, guard: Guard): void {
    this.all.push(policy);
    if (guard.kind === "test") this.#tests.push({ mayHold: guard.mayHold, policy });
    else if (guard.kind === "flag") (guard.wanted ? this.#ifTrue : this.#ifFalse).push(policy);
    else for (const atom of guard.atoms) this.#list(atom).push(policy);
  }

  #list(atom: Val): CompiledPolicy[] {
    const listed = this.#byValue.get(atom) ?? [];
    this.#byValue.set(atom, listed);
    return listed;
  }

  askInto(outcome: Outcome, env: Env): void {
    const value = this.#read(env);
    // what cannot be read is an error of each policy that reads it, or hidden behind a test before it: ask them all
    if (value instanceof Fault) return askEach(this.all, outcome);
    askEach(this.#byValue.get(value), outcome);
    // a flag that is no boolean is an error of the policy
    if (value !== false) askEach(this.#ifTrue, outcome);
    if (value !== true) askEach(this.#ifFalse, outcome);
    for (const { mayHold, policy } of this.#tests) if (mayHold(value)) outcome.ask(policy);
  }
}

function askEach(policies: readonly CompiledPolicy[] | undefined, outcome: Outcome): void {
  if (policies !== undefined) for (const policy of policies) outcome.ask(policy);
}

/** The policies of one place in the index. */
export class Bucket {
  readonly policies: readonly CompiledPolicy[];
  /** without conditions: their scope says it all */
  readonly #always: readonly CompiledPolicy[];
  readonly #plain: readonly CompiledPolicy[];
  readonly #groups: readonly GuardGroup[];

  constructor(policies: readonly CompiledPolicy[]) {
    const groups = new Map<string, GuardGroup>();
    const plain: CompiledPolicy[] = [];
    for (const policy of policies) {
      const guard = guardOf(policy);
      if (guard === undefined) {
        plain.push(policy);
        continue;
      }
      const group = groups.get(guard.path) ?? new GuardGroup(guard.read);
      groups.set(guard.path, group);
      group.add(policy, guard);
    }
    this.policies = policies;
    // a group of one saves nothing over asking the policy itself
    const [shared, lone] = [
      [...groups.values()].filter(isShared),
      [...groups.values()].filter((group) => !isShared(group)),
    ];
    this.#always = plain.filter(({ condition }) => condition === undefined);
    this.#plain = [...plain.filter(({ condition }) => condition !== undefined), ...lone.flatMap((group) => group.all)];
    this.#groups = shared;
  }

  /** Asks every policy that may be satisfied or fail. */
  askInto(outcome: Outcome, env: Env): void {
    for (const policy of this.#always) outcome.satisfied(policy);
    askEach(this.#plain, outcome);
    for (const group of this.#groups) group.askInto(outcome, env);
  }
}

function isShared(group: GuardGroup): boolean {
  return group.all.length > 1;
}
