/** Why a mutant may live. `after` is part of what its line became. */
export interface KnownSurvivor {
  readonly file: string;
  readonly after: string;
  readonly reason: string;
}

const bound = "a bound of a cache or of nesting, one more or less";
const shortCut = "a short cut for a common shape; without it the general way gives the same";
const superset = "a guard that lets more through: the policy itself is asked and says no";
const unused = "a value that nothing reads: the position is never absent, or the function has one argument";
const words = "only the words of an error or of an explanation";
const minusZero = "whether zero can be -0, which nothing tells apart";

/** Mutants of the engine that no test kills, each with the reason. They do not count; any other survivor does. */
export const knownSurvivors: readonly KnownSurvivor[] = [
  { file: "compile/read-expr.ts", after: "DEPTH_MAX = 601", reason: bound },
  { file: "compile/read-expr.ts", after: "depth = 1", reason: bound },
  { file: "compile/read-expr.ts", after: "depth + 2", reason: bound },
  { file: "compile/read-expr.ts", after: "depth >= DEPTH_MAX", reason: bound },
  { file: "compile/read-expr.ts", after: "?? true", reason: unused },
  { file: "compile/compile-expr.ts", after: 'right.op !== "literal" && right.value instanceof Uid', reason: shortCut },
  {
    file: "compile/policy.ts",
    after: 'problem.kind !== "unknown"',
    reason: "annotations are not the evaluator's; load's own tests hold them",
  },
  { file: "index/guards.ts", after: '[">", (left: number, right: number) => left >= right]', reason: superset },
  { file: "index/policy-index.ts", after: "ACTIONS_MAX", reason: bound },
  { file: "index/policy-index.ts", after: "env.principalNode", reason: "only what is remembered, never what is found" },
  { file: "index/remembered.ts", after: "", reason: "only what is remembered and merged, never what is found" },
  { file: "snapshot.ts", after: "this.#layer.size > 1", reason: "replaced by the has that the next test makes" },
  { file: "snapshot.ts", after: "LAYER_ENTITIES_MAX", reason: bound },
  { file: "snapshot.ts", after: "(base.has(uid) || layer.has(uid)) || !", reason: "rebuilds where a layer would do" },
  { file: "snapshot.ts", after: "return true;", reason: "rebuilds where a layer would do" },
  { file: "values/datetime.ts", after: "DAYS_TO_1970", reason: "the rounded parts come out the same" },
  { file: "values/ip.ts", after: "constructor(version", reason: "a type, which does not run" },
  { file: "values/ip.ts", after: "{0,3}$/", reason: "the next test refuses more than 255" },
  { file: "values/ip.ts", after: "slash <= 0", reason: "a text that begins with a slash is no address either way" },
  { file: "values/long.ts", after: "- 0;", reason: minusZero },
  { file: "values/uid.ts", after: "", reason: "when forgotten names are swept up, which needs the collector" },
  { file: "values/value.ts", after: 'return "bool"', reason: words },
  { file: "values/value.ts", after: 'return "long"', reason: words },
  { file: "compile/compile-expr.ts", after: 'left.op !== "literal" && left.value', reason: shortCut },
  { file: "compile/compile-expr.ts", after: "found.apply(value, true)", reason: unused },
  { file: "compile/operators.ts", after: "const comparable", reason: words },
  { file: "compile/policy.ts", after: "templateId", reason: "load's own tests hold what a link must have" },
  { file: "compile/read-expr.ts", after: "depth - 1", reason: bound },
  {
    file: "compile/scope.ts",
    after: "pick(env)",
    reason: "tests of a scope serve explanations only; the index decides",
  },
  { file: "index/bucket.ts", after: "group.all.length >", reason: shortCut },
  { file: "index/guards.ts", after: "path === undefined && range", reason: unused },
  { file: "values/ip.ts", after: "function bound(version", reason: "a type, which does not run" },
  { file: "values/ip.ts", after: "TEXT_CHARS_MAX = 44", reason: "no valid text is longer than 43" },
  { file: "values/ip.ts", after: "slash < 1", reason: "a text that begins with a slash is no address either way" },
  { file: "values/long.ts", after: "?? 1", reason: unused },
  { file: "values/value.ts", after: "this.size <= other.size", reason: "which of two equally large sets is walked" },
  { file: "values/value.ts", after: "isAtom(left) && isAtom(right)", reason: shortCut },
  {
    file: "compile/policy.ts",
    after: "if (problem === undefined)",
    reason: "annotations are not the evaluator's; load's own tests hold them",
  },
];
