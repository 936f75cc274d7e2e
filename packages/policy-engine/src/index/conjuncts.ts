import type { Expr } from "../compile/expr.ts";
import { Uid } from "../values/uid.ts";
import { CedarSet } from "../values/value.ts";

/** The conjuncts of a condition in the order of evaluation; a negated disjunction is a conjunction of negations. */
export function* conjunctsOf(expr: Expr | undefined): Generator<Expr> {
  if (expr === undefined) return;
  if (expr.op === "and") {
    yield* conjunctsOf(expr.left);
    yield* conjunctsOf(expr.right);
  } else if (expr.op === "not" && expr.arg.op === "or") {
    yield* conjunctsOf({ op: "not", arg: expr.arg.left });
    yield* conjunctsOf({ op: "not", arg: expr.arg.right });
  } else if (expr.op === "not" && expr.arg.op === "not") {
    yield* conjunctsOf(expr.arg.arg);
  } else {
    yield expr;
  }
}

/** One condition out of conjuncts; undefined when there are none. */
export function conjunctionOf(conjuncts: readonly Expr[]): Expr | undefined {
  return conjuncts.reduce<Expr | undefined>(
    (all, next) => (all === undefined ? next : { op: "and", left: all, right: next }),
    undefined,
  );
}

/** The names of an attribute path, its variable first; undefined for what is no such path. */
export function pathOf(expr: Expr): readonly string[] | undefined {
  const names: string[] = [];
  let owner = expr;
  while (owner.op === "attribute") {
    names.push(owner.name);
    owner = owner.left;
  }
  return owner.op === "variable" ? [owner.name, ...names.toReversed()] : undefined;
}

/** True when a test for presence holds for sure once `path` could be read. */
export function isImpliedBy(expr: Expr, path: readonly string[]): boolean {
  if (expr.op !== "has") return false;
  const owner = pathOf(expr.left);
  if (owner === undefined) return false;
  const needed = [...owner, ...expr.path];
  return needed.length <= path.length && needed.every((name, at) => name === path[at]);
}

/** True when an expression always gives a boolean, whatever the request holds. */
export function isTotal(expr: Expr): boolean {
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

/**
 * True when an expression is told by principal, action and resource themselves: their names, ancestors, attributes and
 * tags, but neither the context nor any other entity. Such an expression gives the same for every request of the three.
 */
export function isFixed(expr: Expr): boolean {
  switch (expr.op) {
    case "literal":
      return true;
    case "variable":
      return expr.name !== "context";
    case "not":
      return isFixed(expr.arg);
    case "and":
    case "or":
      return isFixed(expr.left) && isFixed(expr.right);
    case "attribute":
      return isEntityVariable(expr.left);
    case "like":
      return isFixed(expr.left);
    case "has":
      return isEntityVariable(expr.left) && expr.path.length === 1;
    case "is":
      return isEntityVariable(expr.left) && (expr.within === undefined || isFixed(expr.within));
    case "binary":
      return isFixedBinary(expr);
    // rarely about the three alone, and then no worse off than asked each time
    case "call":
    case "fault":
    case "if":
    case "isEmpty":
    case "negate":
    case "record":
    case "set":
      return false;
  }
}

function isFixedBinary({ operator, left, right }: Extract<Expr, { op: "binary" }>): boolean {
  // these look at the entity on the left, which has to be one of the three
  if (operator === "in" || operator === "getTag" || operator === "hasTag") {
    return isEntityVariable(left) && isFixed(right);
  }
  return isFixed(left) && isFixed(right);
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
