/** Why a mutant may live: the line as it is, what it became, and the proof that nothing can tell the two apart. */
export interface KnownSurvivor {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

/**
 * Mutants of the engine that are equivalent to it, each with the proof. Any other survivor fails the run, and with `doubting` so does one of these that dies.
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
    file: "compile/scope.ts",
    before: "if (only !== undefined && uids.length === 1) return (env) => isIn(env, pick(env), only);",
    after: "if (only === undefined && uids.length === 1) return (env) => isIn(env, pick(env), only);",
    reason: "a short cut for one entity: the general way asks whether some of the one does",
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
    before: "for (let at = 0; at < this.#atoms.length; at += 1) {",
    after: "for (let at = 0; at <= this.#atoms.length; at += 1) {",
    reason: "past the end there is no atom, and the test for undefined ends the round",
  },
  {
    file: "index/guards.ts",
    before: 'if (name !== "isInRange" || path === undefined || range?.op !== "literal") return undefined;',
    after: 'if (name !== "isInRange" || path === undefined && range?.op !== "literal") return undefined;',
    reason: "isInRange has two arguments, and what is no literal has no value that is a range",
  },
  {
    file: "index/guards.ts",
    before: 'if (typeof low === "number" && typeof high === "number") return on(path, { kind: "address", low, high });',
    after: 'if (typeof low === "number" || typeof high === "number") return on(path, { kind: "address", low, high });',
    reason: "a range has numbers for both bounds or for neither",
  },
  {
    file: "index/narrow.ts",
    before:
      'if (conjunct.op !== "binary" || conjunct.left.op !== "variable" || conjunct.right.op !== "literal") return undefined;',
    after:
      'if (conjunct.op !== "binary" || conjunct.left.op !== "variable" && conjunct.right.op !== "literal") return undefined;',
    reason: "a conjunct whose left side is no variable ended the loop: it is not total",
  },
  {
    file: "index/plan.ts",
    before: "guard !== undefined && isOfKind(guard.test, kind) ? [{ test: guard.test, policy, rest }] : [],",
    after: "guard !== undefined || isOfKind(guard.test, kind) ? [{ test: guard.test, policy, rest }] : [],",
    reason: "policies are grouped by the kind of their guard before, so every one has a guard of this kind",
  },
  {
    file: "index/policy-index.ts",
    before: "const ACTIONS_MAX = 1_024;",
    after: "const ACTIONS_MAX = 1025;",
    reason: "one action more in a cache: what falls out of it is made again, the same",
  },
  {
    file: "index/policy-index.ts",
    before: "if (this.#parts.size >= ACTIONS_MAX) this.#parts.clear();",
    after: "if (this.#parts.size > ACTIONS_MAX) this.#parts.clear();",
    reason: "one action more in a cache: what falls out of it is made again, the same",
  },
  {
    file: "index/policy-index.ts",
    before: "if (this.#keys.length <= map.size) {",
    after: "if (this.#keys.length < map.size) {",
    reason: "of two equally large sides either may be walked",
  },
  {
    file: "index/question.ts",
    before: "if (question.guard !== undefined || policy.condition === undefined) return question;",
    after: "if (question.guard !== undefined || policy.condition !== undefined) return question;",
    reason:
      "the condition is compiled once more from its conjuncts instead of being taken as it is: the same condition",
  },
  {
    file: "index/question.ts",
    before: "if (question.guard !== undefined || policy.condition === undefined) return question;",
    after: "if (question.guard === undefined || policy.condition === undefined) return question;",
    reason: "asks the whole condition again after its guard has passed, which is true of it anyway: the same answer",
  },
  {
    file: "index/question.ts",
    before: "if (question.guard !== undefined || policy.condition === undefined) return question;",
    after: "if (question.guard !== undefined && policy.condition === undefined) return question;",
    reason: "asks the whole condition again, which is true of it anyway: the same answer",
  },
  {
    file: "index/remembered.ts",
    before: "this.#policies += place.plans[0]?.size ?? 0;",
    after: "this.#policies += place.plans[0]?.size ?? 1;",
    reason: "a triple that was asked twice has a plan of its own, so the default is never taken",
  },
  {
    file: "values/ip.ts",
    before: "const TEXT_CHARS_MAX = 43;",
    after: "const TEXT_CHARS_MAX = 44;",
    reason: "no valid text is longer than 43, so one of 44 is refused either way",
  },
  {
    file: "values/ip.ts",
    before: "const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;",
    after: "const OCTET = /^(?:0|[1-9][0-9]{0,3})$/;",
    reason: "four digits are more than 255, which the next test refuses",
  },
  {
    file: "values/ip.ts",
    before: "const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/;",
    after: "const PREFIX = /^(?:0|[1-9][0-9]{0,3})$/;",
    reason: "four digits are more than 128, which the next test refuses",
  },
  {
    file: "values/long.ts",
    before: "if (Number.isSafeInteger(sum)) return sum + 0;",
    after: "if (Number.isSafeInteger(sum)) return sum - 0;",
    reason: "whether zero is -0, which no operator, key or text tells apart",
  },
  {
    file: "values/long.ts",
    before: "if (Number.isSafeInteger(difference)) return difference + 0;",
    after: "if (Number.isSafeInteger(difference)) return difference - 0;",
    reason: "whether zero is -0, which no operator, key or text tells apart",
  },
  {
    file: "values/long.ts",
    before: "if (Number.isSafeInteger(product)) return product + 0;",
    after: "if (Number.isSafeInteger(product)) return product - 0;",
    reason: "whether zero is -0, which no operator, key or text tells apart",
  },
  {
    file: "values/long.ts",
    before: 'if (typeof long === "number") return Math.trunc(long / by) + 0;',
    after: 'if (typeof long === "number") return Math.trunc(long / by) - 0;',
    reason: "whether zero is -0, which no operator, key or text tells apart",
  },
  {
    file: "values/long.ts",
    before: "return longFromBigint(long / BigInt(by)) ?? 0;",
    after: "return longFromBigint(long / BigInt(by)) ?? 1;",
    reason: "a quotient by a positive number is in range, so the default is never taken",
  },
  {
    file: "values/long.ts",
    before: 'if (typeof long === "number") return (((long % by) + by) % by) + 0;',
    after: 'if (typeof long === "number") return (((long % by) + by) % by) - 0;',
    reason: "whether zero is -0, which no operator, key or text tells apart",
  },
  {
    file: "snapshot.ts",
    before: "const LAYER_ENTITIES_MAX = 256;",
    after: "const LAYER_ENTITIES_MAX = 257;",
    reason: "flattened one entity later: a layer and its flattened form hold the same entities",
  },
  {
    file: "snapshot.ts",
    before: "if (this.#layer.size > 0) {",
    after: "if (this.#layer.size >= 0) {",
    reason: "an empty layer holds nothing to be found",
  },
  {
    file: "snapshot.ts",
    before: "if (this.#changesAncestors(inputs, removed) || this.#layer.size + inputs.size > LAYER_ENTITIES_MAX) {",
    after: "if (this.#changesAncestors(inputs, removed) || this.#layer.size + inputs.size >= LAYER_ENTITIES_MAX) {",
    reason: "flattened one entity earlier: a layer and its flattened form hold the same entities",
  },
  {
    file: "snapshot.ts",
    before: "if (this.#changesAncestors(inputs, removed) || this.#layer.size + inputs.size > LAYER_ENTITIES_MAX) {",
    after: "if (this.#changesAncestors(inputs, removed) || this.#layer.size - inputs.size > LAYER_ENTITIES_MAX) {",
    reason: "flattened later: a layer and its flattened form hold the same entities",
  },
  {
    file: "snapshot.ts",
    before: "if ((base.has(uid) || layer.has(uid)) && !this.#keepsParents(uid, input)) return true;",
    after: "if ((base.has(uid) || layer.has(uid)) || !this.#keepsParents(uid, input)) return true;",
    reason: "builds anew where a layer would do: the same entities",
  },
  {
    file: "snapshot.ts",
    before: "return false;",
    after: "return true;",
    reason: "builds anew where a layer would do: the same entities",
  },
  {
    file: "index/remembered.ts",
    before: "this.#policies = 0;",
    after: "this.#policies = 1;",
    reason: "one policy fewer in half of the memory: what is forgotten is found again, the same",
  },
  {
    file: "evaluate.ts",
    before: "return more.length > 0 ? policies.concat(more) : policies;",
    after: "return more.length >= 0 ? policies.concat(more) : policies;",
    reason: "joining an empty list gives an equal list",
  },
  {
    file: "index/groups.ts",
    before: "return bounds[at] ?? 0;",
    after: "return bounds[at] ?? 1;",
    reason: "there are two bounds for each policy, so the default is never taken",
  },
  {
    file: "compile/read-expr.ts",
    before: "return values[at] ?? false;",
    after: "return values[at] ?? true;",
    reason:
      "there are as many values as fields and arguments, so the default stands only for the second argument of a function of one, which does not read it",
  },
  {
    file: "values/value.ts",
    before: "const [small, large] = this.size < other.size ? [this, other] : [other, this];",
    after: "const [small, large] = this.size <= other.size ? [this, other] : [other, this];",
    reason: "of two sets of the same size either may be asked for the other's items: to share one is symmetric",
  },
  {
    file: "values/value.ts",
    before: "if (isAtom(left) || isAtom(right)) return false;",
    after: "if (isAtom(left) && isAtom(right)) return false;",
    reason:
      "a short cut: an atom is no set and no record, and no compound value's key begins like an atom's, so one atom is unequal anyway",
  },
];
