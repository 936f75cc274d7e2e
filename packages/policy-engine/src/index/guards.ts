import type { Expr } from "../compile/expr.ts";
import { compileLike } from "../compile/like.ts";
import { IpRange } from "../values/ip.ts";
import { type Atom, CedarSet, isAtom, type Val } from "../values/value.ts";
import { isImpliedBy, isTotal, pathOf } from "./conjuncts.ts";

/** What a guard asks of the value of its path. A value of another type than the test expects is a doubt. */
export type GuardTest =
  /** it is one of these */
  | { readonly kind: "equals"; readonly atoms: readonly Atom[] }
  /** it is this boolean */
  | { readonly kind: "flag"; readonly wanted: boolean }
  /** it is a long between these, both included */
  | { readonly kind: "between"; readonly low: number; readonly high: number }
  /** it is an address or range of version 4 between these, both included */
  | { readonly kind: "address"; readonly low: number; readonly high: number }
  /** it is a set that contains this */
  | { readonly kind: "member"; readonly atom: Atom }
  /** anything else; undefined in doubt */
  | { readonly kind: "other"; readonly test: (value: Val) => boolean | undefined };

/**
 * What a condition cannot be true without, told by one path of the request. When the path can be read and the test fails,
 * the condition is false without an error; when it passes, the condition is what `rest` says, in that order. When the path
 * cannot be read, or in doubt, only the whole condition tells.
 */
export interface Guard {
  /** its variable first */
  readonly path: readonly string[];
  readonly reads: Expr;
  readonly test: GuardTest;
  /** the conjuncts that stay to be asked; none when the guard says it all */
  readonly rest: readonly Expr[];
}

interface Found {
  readonly path: readonly string[];
  readonly reads: Expr;
  readonly test: GuardTest;
}

/**
 * The first guard among the conjuncts of a condition. What stands before it must be unable to fail: only then does a false
 * guard mean, exactly as in Cedar, that the policy is not satisfied and has no error.
 */
export function findGuard(conjuncts: readonly Expr[]): Guard | undefined {
  const doubtful: Expr[] = [];
  for (const [at, conjunct] of conjuncts.entries()) {
    const found = readGuard(conjunct);
    if (found !== undefined && doubtful.every((before) => isImpliedBy(before, found.path))) {
      return guardAt(conjuncts, at, found);
    }
    if (!isTotal(conjunct)) doubtful.push(conjunct);
  }
  return undefined;
}

function guardAt(conjuncts: readonly Expr[], at: number, found: Found): Guard {
  const next = conjuncts[at + 1];
  const second = next === undefined ? undefined : readGuard(next);
  const both = second === undefined ? undefined : intersection(found, second);
  const taken = both === undefined ? 1 : 2;
  const rest = [...conjuncts.slice(0, at), ...conjuncts.slice(at + taken)].filter(
    (conjunct) => !isImpliedBy(conjunct, found.path),
  );
  return { ...found, test: both ?? found.test, rest };
}

/** Two bounds of one path, as in `context.a >= 5 && context.a < 9`, are one test. */
function intersection(first: Found, second: Found): GuardTest | undefined {
  if (first.test.kind !== "between" || second.test.kind !== "between") return undefined;
  if (first.path.join("\0") !== second.path.join("\0")) return undefined;
  const low = Math.max(first.test.low, second.test.low);
  return { kind: "between", low, high: Math.min(first.test.high, second.test.high) };
}

function readGuard(conjunct: Expr): Found | undefined {
  if (conjunct.op === "not") {
    return on(conjunct.arg, { kind: "flag", wanted: false }) ?? negated(readTest(conjunct.arg));
  }
  if (conjunct.op === "attribute") return on(conjunct, { kind: "flag", wanted: true });
  return readEquality(conjunct) ?? readTest(conjunct);
}

function on(reads: Expr, test: GuardTest): Found | undefined {
  const path = pathOf(reads);
  return path === undefined || path.length === 1 ? undefined : { path, reads, test };
}

function readEquality(conjunct: Expr): Found | undefined {
  if (conjunct.op !== "binary") return undefined;
  const { operator, left, right } = conjunct;
  if (operator === "==") return equalsAtom(left, right) ?? equalsAtom(right, left);
  if (operator !== "contains" || left.op !== "literal" || !(left.value instanceof CedarSet)) return undefined;
  const atoms = left.value.items.filter(isAtom);
  // a set with compound members cannot be looked up by them
  return atoms.length === left.value.size ? on(right, { kind: "equals", atoms }) : undefined;
}

function equalsAtom(path: Expr, literal: Expr): Found | undefined {
  if (literal.op !== "literal" || !isAtom(literal.value)) return undefined;
  return on(path, { kind: "equals", atoms: [literal.value] });
}

function readTest(conjunct: Expr): Found | undefined {
  if (conjunct.op === "like") {
    const matches = compileLike(conjunct.pattern);
    return onOther(conjunct.left, (value) => (typeof value === "string" ? matches(value) : undefined));
  }
  if (conjunct.op === "call") return readRange(conjunct);
  if (conjunct.op !== "binary" || conjunct.right.op !== "literal") return undefined;
  const { operator, left } = conjunct;
  const { value: literal } = conjunct.right;
  if (operator === "contains") {
    if (isAtom(literal)) return on(left, { kind: "member", atom: literal });
    return onOther(left, (value) => (value instanceof CedarSet ? value.has(literal) : undefined));
  }
  const bounds = typeof literal === "number" ? boundsOf(operator, literal) : undefined;
  return bounds && on(left, { kind: "between", ...bounds });
}

function onOther(reads: Expr, test: (value: Val) => boolean | undefined): Found | undefined {
  return on(reads, { kind: "other", test });
}

/** Longs are whole, so `< 5` is up to 4. */
function boundsOf(operator: string, literal: number): { readonly low: number; readonly high: number } | undefined {
  switch (operator) {
    case "<":
      return { low: -Infinity, high: literal - 1 };
    case "<=":
      return { low: -Infinity, high: literal };
    case ">":
      return { low: literal + 1, high: Infinity };
    case ">=":
      return { low: literal, high: Infinity };
    default:
      return undefined;
  }
}

function readRange({ name, args }: Extract<Expr, { op: "call" }>): Found | undefined {
  const [path, range] = args;
  if (name !== "isInRange" || path === undefined || range?.op !== "literal") return undefined;
  const { value: literal } = range;
  if (!(literal instanceof IpRange)) return undefined;
  const { low, high } = literal;
  if (typeof low === "number" && typeof high === "number") return on(path, { kind: "address", low, high });
  return onOther(path, (value) => (value instanceof IpRange ? value.isInRange(literal) : undefined));
}

function negated(found: Found | undefined): Found | undefined {
  if (found === undefined) return undefined;
  const { test } = found;
  if (test.kind === "between") return negatedBounds(found, test);
  const { reads } = found;
  return onOther(reads, (value) => {
    const holds = passes(test, value);
    return holds === undefined ? undefined : !holds;
  });
}

/** What is open on one side stays one: `!(a < 5)` is `a >= 5`. */
function negatedBounds(found: Found, { low, high }: Extract<GuardTest, { kind: "between" }>): Found {
  const test = low === -Infinity ? { low: high + 1, high: Infinity } : { low: -Infinity, high: low - 1 };
  return { ...found, test: { kind: "between", ...test } };
}

/** Whether a value passes; undefined in doubt. */
export function passes(test: GuardTest, value: Val): boolean | undefined {
  switch (test.kind) {
    case "equals":
      return isAtom(value) && test.atoms.includes(value);
    case "flag":
      return typeof value === "boolean" ? value === test.wanted : undefined;
    case "between":
      return typeof value === "number" ? test.low <= value && value <= test.high : undefined;
    case "address":
      return value instanceof IpRange ? value.liesBetween(test.low, test.high) : undefined;
    case "member":
      return value instanceof CedarSet ? value.atoms.has(test.atom) : undefined;
    case "other":
      return test.test(value);
  }
}
