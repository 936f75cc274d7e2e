/** Why a mutant may live: the line as it is, what it became, and the proof that nothing can tell the two apart. */
export interface KnownSurvivor {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

/**
 * Mutants of the engine that are equivalent to it, each with the proof. They count as survivors; any other survivor fails the
 * run, and with `doubting` so does one of these that dies.
 */
export const knownSurvivors: readonly KnownSurvivor[] = [
  {
    file: "compile/compile-expr.ts",
    before: 'if (right.op === "literal" && isAtom(right.value) && (operator === "==" || operator === "!=")) {',
    after: 'if (right.op === "literal" && isAtom(right.value) && (operator === "==" && operator === "!=")) {',
    reason:
      "a short cut for a common shape: without it the general way evaluates the same operands and gives the same value or fault",
  },
  {
    file: "compile/compile-expr.ts",
    before: 'if (operator === "in" && right.op === "literal" && right.value instanceof Uid) {',
    after: 'if (operator === "in" && right.op !== "literal" && right.value instanceof Uid) {',
    reason:
      "only a literal has a value, so the short cut is never taken; without it the general way evaluates the same operands",
  },
  {
    file: "compile/compile-expr.ts",
    before: 'if (operator === "contains" && left.op === "literal" && left.value instanceof CedarSet) {',
    after: 'if (operator === "contains" && left.op !== "literal" && left.value instanceof CedarSet) {',
    reason:
      "only a literal has a value, so the short cut is never taken; without it the general way evaluates the same operands",
  },
  {
    file: "compile/compile-expr.ts",
    before: "return value instanceof Fault ? value : found.apply(value, false);",
    after: "return value instanceof Fault ? value : found.apply(value, true);",
    reason: "a function of one argument does not read the second one",
  },
  {
    file: "compile/policy.ts",
    before:
      "export function compileSet(json: unknown, set: SetName, mode: AnnotationMode, first = 0): CompiledPolicy[] {",
    after:
      "export function compileSet(json: unknown, set: SetName, mode: AnnotationMode, first = 1): CompiledPolicy[] {",
    reason: "only the order of policies counts, not where it begins",
  },
  {
    file: "compile/policy.ts",
    before: 'if (constraint.kind !== "typed" || constraint.within === undefined) continue;',
    after: 'if (constraint.kind !== "typed" && constraint.within === undefined) continue;',
    reason: "adds the test of a type to a scope that was found by that very type: it always holds",
  },
  {
    file: "compile/read-expr.ts",
    before:
      'return { op: "literal", value: new CedarRecord(new Map(fields.map(([name], at) => [name, values[at] ?? false]))) };',
    after:
      'return { op: "literal", value: new CedarRecord(new Map(fields.map(([name], at) => [name, values[at] ?? true]))) };',
    reason: "there are as many values as fields, so the default is never taken",
  },
  {
    file: "compile/read-expr.ts",
    before: "const folded = found.apply(values[0] ?? false, values[1] ?? false);",
    after: "const folded = found.apply(values[0] ?? true, values[1] ?? false);",
    reason: "every function has a first argument, so the default is never taken",
  },
  {
    file: "compile/read-expr.ts",
    before: "const folded = found.apply(values[0] ?? false, values[1] ?? false);",
    after: "const folded = found.apply(values[0] ?? false, values[1] ?? true);",
    reason:
      "the default stands for the second argument of a function that has one; a function of one argument does not read the second one",
  },
  {
    file: "compile/scope.ts",
    before: "if (only !== undefined && uids.length === 1) return (env) => isIn(env, pick(env), only);",
    after: "if (only === undefined && uids.length === 1) return (env) => isIn(env, pick(env), only);",
    reason: "a short cut for one entity: the general way asks whether some of the one does",
  },
  {
    file: "evaluate.ts",
    before: "if (forbids.length > 0) this.forbids = this.forbids.concat(forbids);",
    after: "if (forbids.length >= 0) this.forbids = this.forbids.concat(forbids);",
    reason: "adding an empty list gives an equal list",
  },
  {
    file: "evaluate.ts",
    before: "if (permits.length > 0) this.permits = this.permits.concat(permits);",
    after: "if (permits.length >= 0) this.permits = this.permits.concat(permits);",
    reason: "adding an empty list gives an equal list",
  },
  {
    file: "evaluate.ts",
    before: "if (obligations.length > 0) this.obligations = this.obligations.concat(obligations);",
    after: "if (obligations.length >= 0) this.obligations = this.obligations.concat(obligations);",
    reason: "adding an empty list gives an equal list",
  },
  {
    file: "evaluate.ts",
    before: "let last = -1;",
    after: "let last = -2;",
    reason: "the order of policies begins with 0, and both are less",
  },
  {
    file: "evaluate.ts",
    before: "if (order < last) return policies.toSorted((left, right) => left.order - right.order);",
    after: "if (order <= last) return policies.toSorted((left, right) => left.order - right.order);",
    reason: "no two policies have the same place",
  },
  {
    file: "index/groups.ts",
    before:
      "for (let at = 0; at < this.#wanted.length; at += 1) if (this.#wanted[at] === value) this.pass(at, outcome);",
    after:
      "for (let at = 0; at <= this.#wanted.length; at += 1) if (this.#wanted[at] === value) this.pass(at, outcome);",
    reason: "past the end nothing is wanted, and undefined is no boolean",
  },
  {
    file: "index/groups.ts",
    before: "for (let at = 0; at < this.policies.length; at += 1) {",
    after: "for (let at = 0; at <= this.policies.length; at += 1) {",
    reason: "past the end there is no policy, and pass finds none",
  },
  {
    file: "index/groups.ts",
    before: "if ((bounds[2 * at] ?? 0) <= value && value <= (bounds[2 * at + 1] ?? 0)) this.pass(at, outcome);",
    after: "if ((bounds[2 * at] ?? 1) <= value && value <= (bounds[2 * at + 1] ?? 0)) this.pass(at, outcome);",
    reason: "each policy has two bounds, so the default is never taken",
  },
  {
    file: "index/groups.ts",
    before: "if ((bounds[2 * at] ?? 0) <= value && value <= (bounds[2 * at + 1] ?? 0)) this.pass(at, outcome);",
    after: "if ((bounds[2 * at] ?? 0) <= value && value <= (bounds[2 * at + 1] ?? 1)) this.pass(at, outcome);",
    reason: "each policy has two bounds, so the default is never taken",
  },
];
