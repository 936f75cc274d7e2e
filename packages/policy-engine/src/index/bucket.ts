import type { CompiledPolicy } from "../compile/policy.ts";
import { type PathReaders, Plan } from "./plan.ts";
import { canSettle, questionOf } from "./question.ts";

/** The policies of one place in the index. */
export class Bucket {
  readonly policies: readonly CompiledPolicy[];
  readonly #readers: PathReaders;
  #plan: Plan | undefined;
  #parts: { readonly settling: readonly CompiledPolicy[]; readonly plan: Plan } | undefined;

  constructor(policies: readonly CompiledPolicy[], readers: PathReaders) {
    this.policies = policies;
    this.#readers = readers;
  }

  /** How to ask all of them; made when it is first needed. */
  get plan(): Plan {
    return (this.#plan ??= new Plan(this.policies.map(questionOf), this.#readers));
  }

  /** The policies of which principal, action and resource alone may tell that they do not apply, and how to ask the others. */
  get parts(): { readonly settling: readonly CompiledPolicy[]; readonly plan: Plan } {
    if (this.#parts === undefined) {
      const settling = this.policies.filter(canSettle);
      const others = this.policies.filter((policy) => !canSettle(policy));
      const plan = settling.length === 0 ? this.plan : new Plan(others.map(questionOf), this.#readers);
      this.#parts = { settling, plan };
    }
    return this.#parts;
  }
}
