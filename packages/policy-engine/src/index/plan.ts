import { compileExpr } from "../compile/compile-expr.ts";
import type { Env, Evaluate } from "../compile/env.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Outcome } from "../evaluate.ts";
import {
  AddressGroup,
  BetweenGroup,
  EqualsGroup,
  FlagGroup,
  type Group,
  type Guarded,
  MemberGroup,
  OtherGroup,
} from "./groups.ts";
import type { Guard, GuardTest } from "./guards.ts";
import type { Question } from "./question.ts";

/** Readers of paths, shared by everything in one index that reads the same. */
export class PathReaders {
  readonly #readers = new Map<string, Evaluate>();

  /** The one reader of a guard's path. */
  of({ path, reads }: Guard): Evaluate {
    const key = keyOfPath(path);
    const known = this.#readers.get(key);
    if (known !== undefined) return known;
    const reader = compileExpr(reads);
    this.#readers.set(key, reader);
    return reader;
  }
}

function keyOfPath(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** How to ask some policies about a request, laid out so that those that do not apply cost next to nothing. */
export class Plan {
  /** how many policies it may ask */
  readonly size: number;
  /** satisfied by their scope alone, as an outcome keeps them */
  readonly #forbids: readonly CompiledPolicy[];
  readonly #permits: readonly CompiledPolicy[];
  readonly #obligations: readonly CompiledPolicy[];
  readonly #plain: readonly CompiledPolicy[];
  readonly #rests: readonly (Evaluate | undefined)[];
  readonly #groups: readonly Group[];

  constructor(questions: readonly Question[], readers: PathReaders) {
    this.size = questions.length;
    const unguarded = questions.filter(({ guard }) => guard === undefined);
    const always = unguarded.filter(({ rest }) => rest === undefined).map(({ policy }) => policy);
    this.#forbids = always.filter(({ part }) => part === "forbid");
    this.#permits = always.filter(({ part }) => part === "permit");
    this.#obligations = always.filter(({ part }) => part === "obligation");
    const plain = unguarded.filter(({ rest }) => rest !== undefined);
    this.#plain = plain.map(({ policy }) => policy);
    this.#rests = plain.map(({ rest }) => rest);
    this.#groups = groupsOf(questions, readers);
  }

  /** Asks every policy that may be satisfied or fail. */
  askInto(outcome: Outcome, env: Env): void {
    outcome.take(this.#forbids, this.#permits, this.#obligations);
    for (const [at, policy] of this.#plain.entries()) outcome.askRest(policy, this.#rests[at]);
    for (const group of this.#groups) group.askInto(outcome, env);
  }
}

function groupsOf(questions: readonly Question[], readers: PathReaders): Group[] {
  const byKind = new Map<string, Question[]>();
  for (const question of questions) {
    if (question.guard === undefined) continue;
    const key = `${question.guard.test.kind} ${keyOfPath(question.guard.path)}`;
    const alike = byKind.get(key);
    if (alike === undefined) byKind.set(key, [question]);
    else alike.push(question);
  }
  return [...byKind.values()].flatMap((alike) => groupOf(alike, readers));
}

function groupOf(alike: readonly Question[], readers: PathReaders): Group[] {
  const guard = alike[0]?.guard;
  if (guard === undefined) return [];
  const read = readers.of(guard);
  switch (guard.test.kind) {
    case "equals":
      return [new EqualsGroup(read, ofKind(alike, "equals"))];
    case "flag":
      return [new FlagGroup(read, ofKind(alike, "flag"))];
    case "between":
      return [new BetweenGroup(read, ofKind(alike, "between"))];
    case "address":
      return [new AddressGroup(read, ofKind(alike, "address"))];
    case "member":
      return [new MemberGroup(read, ofKind(alike, "member"))];
    case "other":
      return [new OtherGroup(read, ofKind(alike, "other"))];
  }
}

function ofKind<Kind extends GuardTest["kind"]>(alike: readonly Question[], kind: Kind): Guarded<Kind>[] {
  return alike.flatMap(({ guard, policy, rest }) =>
    guard !== undefined && isOfKind(guard.test, kind) ? [{ test: guard.test, policy, rest }] : [],
  );
}

function isOfKind<Kind extends GuardTest["kind"]>(
  test: GuardTest,
  kind: Kind,
): test is Extract<GuardTest, { kind: Kind }> {
  return test.kind === kind;
}
