import { compileExpr } from "./compile/compile-expr.ts";
import type { Env } from "./compile/env.ts";
import type { Expr } from "./compile/expr.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import { type Constraint, compileConstraint } from "./compile/scope.ts";
import { Fault } from "./values/fault.ts";
import { printValue } from "./values/print.ts";
import type { Uid } from "./values/uid.ts";

/** How many facts one policy's explanation lists, and how many parts of its condition it looks at to find them. */
const READS_MAX = 32;
const PARTS_MAX = 2_000;
/** How many names of a scope that lists several are written out. */
const NAMES_MAX = 8;

/** The facts that a policy's scope and conditions read, with their values in this request. */
export function readsOf({ scope, condition }: CompiledPolicy, env: Env): string[] {
  const reads = new Set<string>();
  for (const part of ["principal", "action", "resource"] as const) {
    const text = constraintText(part, scope[part]);
    if (text === undefined) continue;
    const holds = compileConstraint(scope[part], (of) => of[part])?.(env) ?? true;
    reads.add(`${text} = ${holds}`);
  }
  if (condition !== undefined) {
    for (const [text, expr] of pathsOf(condition, { left: PARTS_MAX })) {
      const value = compileExpr(expr)(env);
      reads.add(value instanceof Fault ? `${text} is absent` : `${text} = ${printValue(value)}`);
      if (reads.size >= READS_MAX) break;
    }
  }
  return [...reads];
}

/** A scope constraint as Cedar writes it; undefined when it asks nothing. */
export function constraintText(part: string, constraint: Constraint): string | undefined {
  switch (constraint.kind) {
    case "any":
      return undefined;
    case "equals":
      return `${part} == ${constraint.uid.text}`;
    case "within":
      return `${part} in ${constraint.uids.length === 1 ? String(constraint.uids[0]) : listText(constraint.uids)}`;
    case "typed":
      return `${part} is ${constraint.type}${constraint.within === undefined ? "" : ` in ${constraint.within.text}`}`;
  }
}

function listText(uids: readonly Uid[]): string {
  const more = uids.length - NAMES_MAX;
  return `[${uids.slice(0, NAMES_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}]`;
}

/** Every longest attribute path rooted at a variable, and every test of membership or type on one. */
function* pathsOf(expr: Expr, parts: { left: number }): Generator<readonly [string, Expr]> {
  if (parts.left === 0) return;
  parts.left -= 1;
  const path = pathText(expr);
  if (path !== undefined) {
    if (expr.op !== "variable") yield [path, expr];
    return;
  }
  const test = testText(expr);
  if (test !== undefined) {
    yield [test, expr];
    return;
  }
  for (const child of childrenOf(expr)) yield* pathsOf(child, parts);
}

function pathText(expr: Expr): string | undefined {
  if (expr.op === "variable") return expr.name;
  if (expr.op !== "attribute") return undefined;
  const owner = pathText(expr.left);
  return owner === undefined ? undefined : `${owner}.${expr.name}`;
}

function testText(expr: Expr): string | undefined {
  if (expr.op === "has") {
    const owner = pathText(expr.left);
    return owner === undefined ? undefined : `${owner} has ${expr.path.join(".")}`;
  }
  if (expr.op === "is" && expr.within === undefined) {
    const owner = pathText(expr.left);
    return owner === undefined ? undefined : `${owner} is ${expr.type}`;
  }
  if (expr.op !== "binary" || (expr.operator !== "in" && expr.operator !== "hasTag" && expr.operator !== "getTag"))
    return undefined;
  const owner = pathText(expr.left);
  if (owner === undefined || expr.right.op !== "literal") return undefined;
  const right = printValue(expr.right.value);
  return expr.operator === "in" ? `${owner} in ${right}` : `${owner}.${expr.operator}(${right})`;
}

/** The direct parts of an expression. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case "literal":
    case "fault":
    case "variable":
      return [];
    case "not":
    case "negate":
    case "isEmpty":
      return [expr.arg];
    case "and":
    case "or":
    case "binary":
      return [expr.left, expr.right];
    case "attribute":
    case "has":
    case "like":
      return [expr.left];
    case "is":
      return expr.within === undefined ? [expr.left] : [expr.left, expr.within];
    case "if":
      return [expr.test, expr.consequent, expr.otherwise];
    case "set":
      return expr.items;
    case "record":
      return expr.fields.map(([, field]) => field);
    case "call":
      return expr.args;
  }
}
