import type { Env, Evaluate } from "../compile/env.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Outcome } from "../evaluate.ts";
import { Fault } from "../values/fault.ts";
import { IpRange } from "../values/ip.ts";
import { CedarSet, type Val } from "../values/value.ts";
import type { GuardTest } from "./guards.ts";

/** A policy with what stays of its condition once its guard has passed. */
interface Remaining {
  readonly policy: CompiledPolicy;
  readonly rest: Evaluate | undefined;
}

type OfKind<Kind extends GuardTest["kind"]> = Extract<GuardTest, { kind: Kind }>;

/** A test of one kind with the policy that passing it leads to. */
export interface Guarded<Kind extends GuardTest["kind"]> extends Remaining {
  readonly test: OfKind<Kind>;
}

/**
 * Policies guarded by tests of one kind on one path, which is read once for all of them. The tests stand side by side in
 * arrays: looking at a policy that does not pass costs no visit to it, which is what decisions over many policies pay for.
 */
export abstract class Group {
  protected readonly policies: readonly CompiledPolicy[];
  readonly #rests: readonly (Evaluate | undefined)[] | undefined;
  readonly #read: Evaluate;

  constructor(read: Evaluate, guarded: readonly Remaining[]) {
    this.#read = read;
    this.policies = guarded.map(({ policy }) => policy);
    const rests = guarded.map(({ rest }) => rest);
    this.#rests = rests.some((rest) => rest !== undefined) ? rests : undefined;
  }

  /** Asks the policies whose guards pass; in doubt, all of them. */
  askInto(outcome: Outcome, env: Env): void {
    const value = this.#read(env);
    // what cannot be read is an error of each policy that reads it, or hidden behind a test before it: ask them all
    if (value instanceof Fault || !this.tell(value, outcome)) for (const policy of this.policies) outcome.ask(policy);
  }

  /** Lets through those whose guards the value passes; false, before anything else, when the value tells nothing. */
  protected abstract tell(value: Val, outcome: Outcome): boolean;

  protected pass(at: number, outcome: Outcome): void {
    const policy = this.policies[at];
    if (policy !== undefined) outcome.askRest(policy, this.#rests?.[at]);
  }
}

/** The value is one of a policy's literals. */
export class EqualsGroup extends Group {
  readonly #byValue = new Map<Val, number[]>();

  constructor(read: Evaluate, guarded: readonly Guarded<"equals">[]) {
    super(read, guarded);
    for (const [at, { test }] of guarded.entries()) for (const atom of test.atoms) this.#list(atom).push(at);
  }

  #list(atom: Val): number[] {
    const listed = this.#byValue.get(atom) ?? [];
    this.#byValue.set(atom, listed);
    return listed;
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    const passing = this.#byValue.get(value);
    if (passing !== undefined) for (const at of passing) this.pass(at, outcome);
    return true;
  }
}

/** The value is the boolean that a policy wants. */
export class FlagGroup extends Group {
  readonly #wanted: readonly boolean[];

  constructor(read: Evaluate, guarded: readonly Guarded<"flag">[]) {
    super(read, guarded);
    this.#wanted = guarded.map(({ test }) => test.wanted);
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    if (typeof value !== "boolean") return false;
    for (let at = 0; at < this.#wanted.length; at += 1) if (this.#wanted[at] === value) this.pass(at, outcome);
    return true;
  }
}

/** Bounds side by side: the lowest and the highest value of each policy. */
function boundsIn(guarded: readonly { readonly test: OfKind<"between"> | OfKind<"address"> }[]): readonly number[] {
  return guarded.flatMap(({ test }) => [test.low, test.high]);
}

/** The value is a long between a policy's bounds. */
export class BetweenGroup extends Group {
  readonly #bounds: readonly number[];

  constructor(read: Evaluate, guarded: readonly Guarded<"between">[]) {
    super(read, guarded);
    this.#bounds = boundsIn(guarded);
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    if (typeof value !== "number") return false;
    const bounds = this.#bounds;
    for (let at = 0; at < this.policies.length; at += 1) {
      if (bound(bounds, 2 * at) <= value && value <= bound(bounds, 2 * at + 1)) this.pass(at, outcome);
    }
    return true;
  }
}

/** The value lies within a policy's range of version 4. */
export class AddressGroup extends Group {
  readonly #bounds: readonly number[];

  constructor(read: Evaluate, guarded: readonly Guarded<"address">[]) {
    super(read, guarded);
    this.#bounds = boundsIn(guarded);
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    if (!(value instanceof IpRange)) return false;
    const bounds = this.#bounds;
    for (let at = 0; at < this.policies.length; at += 1) {
      if (value.liesBetween(bound(bounds, 2 * at), bound(bounds, 2 * at + 1))) this.pass(at, outcome);
    }
    return true;
  }
}

/** The value is a set that contains a policy's literal. */
export class MemberGroup extends Group {
  readonly #atoms: readonly Val[];

  constructor(read: Evaluate, guarded: readonly Guarded<"member">[]) {
    super(read, guarded);
    this.#atoms = guarded.map(({ test }) => test.atom);
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    if (!(value instanceof CedarSet)) return false;
    for (let at = 0; at < this.#atoms.length; at += 1) {
      const atom = this.#atoms[at];
      if (atom !== undefined && value.atoms.has(atom)) this.pass(at, outcome);
    }
    return true;
  }
}

/** The value passes a policy's own test. */
export class OtherGroup extends Group {
  readonly #tests: readonly ((value: Val) => boolean | undefined)[];

  constructor(read: Evaluate, guarded: readonly Guarded<"other">[]) {
    super(read, guarded);
    this.#tests = guarded.map(({ test }) => test.test);
  }

  protected override tell(value: Val, outcome: Outcome): boolean {
    // tests of several sorts share a path: each says for itself whether it is in doubt
    for (const [at, test] of this.#tests.entries()) {
      const passed = test(value);
      if (passed === true) this.pass(at, outcome);
      else if (passed === undefined) this.doubt(at, outcome);
    }
    return true;
  }

  protected doubt(at: number, outcome: Outcome): void {
    const policy = this.policies[at];
    if (policy !== undefined) outcome.ask(policy);
  }
}

/** There are two for each policy. */
function bound(bounds: readonly number[], at: number): number {
  return bounds[at] ?? 0;
}
