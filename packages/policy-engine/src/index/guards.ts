import { compileExpr } from "../compile/compile-expr.ts";
import type { Evaluate } from "../compile/env.ts";
import type { Expr } from "../compile/expr.ts";
import { compileLike } from "../compile/like.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Constraint } from "../compile/scope.ts";
import { IpRange } from "../values/ip.ts";
import { Uid } from "../values/uid.ts";
import { type Atom, CedarSet, isAtom, type Val } from "../values/value.ts";

/**
 * What a policy's condition cannot be true without, told by one path of the request: it equals a literal, it is true or
 * false by itself, or it passes a test against a literal. Policies that share the path share the reading of it.
 */
export type Guard = {
  /** equal for guards that read the same path */
  readonly path: string;
  readonly read: Evaluate;
} & (
  | { readonly kind: "equals"; readonly atoms: readonly Atom[] }
  | { readonly kind: "flag"; readonly wanted: boolean }
  /** false only when the condition is false; true also in doubt */
  | {
      readonly kind: "test";
      readonly mayHold: (value: Val) => boolean;
      /** undefined in doubt */
      readonly test: (value: Val) => boolean | undefined;
    }
);

/**
 * The best guard of a condition. What stands before it in the conjunction must be unable to fail: only then does a false
 * guard mean, exactly as in Cedar, that the policy is not satisfied and has no error.
 */
function findGuard(condition: Expr | undefined): Guard | undefined {
  let second: Guard | undefined;
  for (const conjunct of leadingConjuncts(condition)) {
    const guard = readGuard(conjunct);
    if (guard?.kind === "equals") return guard;
    second ??= guard;
    if (!isTotal(conjunct)) break;
  }
  return second;
}

const guards = new WeakMap<CompiledPolicy, { readonly guard: Guard | undefined }>();

/** A policy's guard, found once: policies stand in many places of the index. */
export function guardOf(policy: CompiledPolicy): Guard | undefined {
  let known = guards.get(policy);
  if (known === undefined) {
    known = { guard: findGuard(policy.condition) };
    guards.set(policy, known);
  }
  return known.guard;
}

/** The scope under which a policy can be indexed: its own, narrowed by what its condition begins with. */
export function indexScope({ scope, condition }: CompiledPolicy): CompiledPolicy["scope"] {
  const narrowed = { ...scope };
  for (const conjunct of leadingConjuncts(condition)) {
    if (!isTotal(conjunct)) break;
    const found = constraintOf(conjunct);
    // only a part that asks nothing: what it asks otherwise is told by its key alone
    if (found !== undefined && narrowed[found.variable].kind === "any") narrowed[found.variable] = found.constraint;
  }
  return narrowed;
}

function constraintOf(
  conjunct: Expr,
): { readonly variable: "principal" | "resource"; readonly constraint: Constraint } | undefined {
  if (conjunct.op !== "binary" || conjunct.left.op !== "variable" || conjunct.right.op !== "literal") return undefined;
  const { name } = conjunct.left;
  const { value } = conjunct.right;
  if ((name !== "principal" && name !== "resource") || !(value instanceof Uid)) return undefined;
  if (conjunct.operator === "in") return { variable: name, constraint: { kind: "within", uids: [value] } };
  return conjunct.operator === "==" ? { variable: name, constraint: { kind: "equals", uid: value } } : undefined;
}

/** The conjuncts of a condition in the order of evaluation; a negated disjunction is a conjunction of negations. */
function* leadingConjuncts(expr: Expr | undefined): Generator<Expr> {
  if (expr === undefined) return;
  if (expr.op === "and") {
    yield* leadingConjuncts(expr.left);
    yield* leadingConjuncts(expr.right);
  } else if (expr.op === "not" && expr.arg.op === "or") {
    yield* leadingConjuncts({ op: "not", arg: expr.arg.left });
    yield* leadingConjuncts({ op: "not", arg: expr.arg.right });
  } else if (expr.op === "not" && expr.arg.op === "not") {
    yield* leadingConjuncts(expr.arg.arg);
  } else {
    yield expr;
  }
}

function readGuard(conjunct: Expr): Guard | undefined {
  if (conjunct.op === "not") return flagGuard(conjunct.arg, false) ?? negated(testGuard(conjunct.arg));
  if (conjunct.op === "attribute") return flagGuard(conjunct, true);
  return equalityGuard(conjunct) ?? testGuard(conjunct);
}

function guardOn(path: Expr): { readonly path: string; readonly read: Evaluate } | undefined {
  const key = pathKey(path);
  return key === undefined ? undefined : { path: key, read: compileExpr(path) };
}

function flagGuard(path: Expr, wanted: boolean): Guard | undefined {
  const on = guardOn(path);
  return on && { ...on, kind: "flag", wanted };
}

function equalityGuard(conjunct: Expr): Guard | undefined {
  if (conjunct.op !== "binary") return undefined;
  const { operator, left, right } = conjunct;
  if (operator === "==") return atomGuard(left, right) ?? atomGuard(right, left);
  if (operator !== "contains" || left.op !== "literal" || !(left.value instanceof CedarSet)) return undefined;
  const on = guardOn(right);
  const atoms = left.value.items.filter(isAtom);
  // a set with compound members cannot be looked up by them
  return on && atoms.length === left.value.size ? { ...on, kind: "equals", atoms } : undefined;
}

function atomGuard(path: Expr, literal: Expr): Guard | undefined {
  const on = guardOn(path);
  return on && literal.op === "literal" && isAtom(literal.value)
    ? { ...on, kind: "equals", atoms: [literal.value] }
    : undefined;
}

type TestGuard = Extract<Guard, { kind: "test" }>;

/** Tests that decide for the usual type; any other value is a doubt, and the policy itself is asked. */
function testGuard(conjunct: Expr): TestGuard | undefined {
  if (conjunct.op === "like") {
    const matches = compileLike(conjunct.pattern);
    return onPath(conjunct.left, (value) => (typeof value === "string" ? matches(value) : undefined));
  }
  if (conjunct.op === "call") return rangeGuard(conjunct);
  if (conjunct.op !== "binary" || conjunct.right.op !== "literal") return undefined;
  const { operator, left } = conjunct;
  const { value: literal } = conjunct.right;
  if (operator === "contains") {
    return onPath(left, (value) => (value instanceof CedarSet ? value.has(literal) : undefined));
  }
  const test = comparisons.get(operator);
  if (test === undefined || typeof literal !== "number") return undefined;
  return onPath(left, (value) => (typeof value === "number" ? test(value, literal) : undefined));
}

function rangeGuard({ name, args }: Extract<Expr, { op: "call" }>): TestGuard | undefined {
  const [path, range] = args;
  if (name !== "isInRange" || path === undefined || range?.op !== "literal") return undefined;
  const { value: literal } = range;
  if (!(literal instanceof IpRange)) return undefined;
  return onPath(path, (value) => (value instanceof IpRange ? value.isInRange(literal) : undefined));
}

const comparisons: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map([
  ["<", (left: number, right: number) => left < right],
  ["<=", (left: number, right: number) => left <= right],
  [">", (left: number, right: number) => left > right],
  [">=", (left: number, right: number) => left >= right],
]);

function onPath(path: Expr, test: (value: Val) => boolean | undefined): TestGuard | undefined {
  const on = guardOn(path);
  return on && { ...on, kind: "test", test, mayHold: (value) => test(value) !== false };
}

function negated(guard: TestGuard | undefined): Guard | undefined {
  return guard && { ...guard, mayHold: (value) => guard.test(value) !== true };
}

function pathKey(expr: Expr): string | undefined {
  const names: string[] = [];
  let owner = expr;
  while (owner.op === "attribute") {
    names.push(owner.name);
    owner = owner.left;
  }
  return owner.op === "variable" && names.length > 0 ? JSON.stringify([owner.name, ...names.toReversed()]) : undefined;
}

/** True when an expression always gives a boolean, whatever the request holds. */
function isTotal(expr: Expr): boolean {
  if (expr.op === "literal") return typeof expr.value === "boolean";
  if (expr.op === "not") return isTotal(expr.arg);
  if (expr.op === "and" || expr.op === "or") return isTotal(expr.left) && isTotal(expr.right);
  if (expr.op === "has") return expr.left.op === "variable" && expr.path.length === 1;
  if (expr.op === "is")
    return isEntityVariable(expr.left) && (expr.within === undefined || isEntityLiteral(expr.within));
  return expr.op === "binary" && isTotalBinary(expr);
}

function isTotalBinary({ operator, left, right }: Extract<Expr, { op: "binary" }>): boolean {
  if (operator === "==" || operator === "!=") return isPlain(left) && isPlain(right);
  if (operator === "in") return isEntityVariable(left) && isEntityLiteral(right);
  return operator === "hasTag" && isEntityVariable(left) && right.op === "literal" && typeof right.value === "string";
}

function isPlain(expr: Expr): boolean {
  return expr.op === "variable" || expr.op === "literal";
}

function isEntityVariable(expr: Expr): boolean {
  return expr.op === "variable" && expr.name !== "context";
}

function isEntityLiteral(expr: Expr): boolean {
  if (expr.op !== "literal") return false;
  const { value } = expr;
  return value instanceof Uid || (value instanceof CedarSet && value.items.every((item) => item instanceof Uid));
}
