import type { A_Expr, BoolExpr, ColumnRef, Node, SelectStmt } from "libpg-query";
import type { FactObject } from "../facts.ts";
import { childrenOf, literalOf, textsOf } from "./tree.ts";

/** Which column references belong to the table being written. */
export interface TargetNames {
  readonly alias: string;
  owns(column: string): boolean;
  readonly table?: FactObject | undefined;
  /** aliases of what holds none of the written table's rows: a column there is another, whatever its name */
  readonly foreign?: ReadonlySet<string>;
}

const LIKE_KINDS = new Set(["AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR"]);
/** Arithmetic that can make every row equal. */
const FLATTENING = new Set(["*", "/", "%", "&", "|", "#"]);
/** Functions that give nothing negative. */
const SIZES = new Set([
  "length",
  "char_length",
  "character_length",
  "octet_length",
  "bit_length",
  "abs",
  "array_length",
  "cardinality",
  "strpos",
  "position",
]);

/**
 * Whether a condition may hold for every row of the written table. Conservative: true unless the condition is of a form
 * that picks rows by the table's own columns. `<>`, IS NOT NULL and NOT IN pick nearly every row and count as true.
 */
export function holdsForEveryRow(where: Node | undefined, names: TargetNames): boolean {
  if (!where) return true;
  if ("CurrentOfExpr" in where) return false;
  if ("BoolExpr" in where) return boolean(where.BoolExpr, names);
  if (literalOf(where) !== undefined) return !isFalse(where);
  if (!mentionsTarget(where, names)) return !isFalseComparison(where);
  if ("A_Expr" in where) return comparison(where.A_Expr, names);
  if ("NullTest" in where) return where.NullTest.nulltesttype === "IS_NOT_NULL" || !isColumn(where.NullTest.arg);
  if ("BooleanTest" in where) return (where.BooleanTest.booltesttype ?? "").startsWith("IS_NOT");
  if ("TypeCast" in where) return holdsForEveryRow(where.TypeCast.arg, names);
  if ("SubLink" in where) return sublinkHolds(where, names);
  if ("CaseExpr" in where) return caseHolds(where, names);
  if ("CoalesceExpr" in where) return (where.CoalesceExpr.args ?? []).some((arg) => holdsForEveryRow(arg, names));
  return !("ColumnRef" in where || "FuncCall" in where);
}

function boolean(expr: BoolExpr, names: TargetNames): boolean {
  const args = expr.args ?? [];
  if (expr.boolop === "AND_EXPR") return args.every((arg) => holdsForEveryRow(arg, names));
  if (expr.boolop === "NOT_EXPR") return !picksByEquality(args[0]);
  return args.some((arg) => holdsForEveryRow(arg, names)) || complementary(args);
}

/** NOT (a <> 1) is an equality; the opposite of anything else may be nearly every row. */
function picksByEquality(node: Node | undefined): boolean {
  if (!node) return false;
  if ("ColumnRef" in node) return true;
  if ("A_Expr" in node) return node.A_Expr.kind === "AEXPR_OP" && ["<>", "!="].includes(operatorOf(node.A_Expr));
  return "NullTest" in node && node.NullTest.nulltesttype === "IS_NOT_NULL";
}

/** `a < 5 OR a >= 5` and the like: two sides of one column that can meet. */
function complementary(args: readonly Node[]): boolean {
  const seen = new Map<string, Set<string>>();
  for (const arg of args) {
    if (!("A_Expr" in arg) || arg.A_Expr.kind !== "AEXPR_OP") continue;
    const left = written(arg.A_Expr.lexpr);
    const operator = operatorOf(arg.A_Expr);
    const others = seen.get(left) ?? new Set<string>();
    if (operator.startsWith("<") && others.has(">")) return true;
    if (operator.startsWith(">") && others.has("<")) return true;
    others.add(operator[0] ?? "");
    seen.set(left, others);
  }
  return false;
}

function comparison(expr: A_Expr, names: TargetNames): boolean {
  const operator = operatorOf(expr);
  const kind = expr.kind ?? "";
  const { lexpr: left, rexpr: right } = expr;
  if (sameColumns(left, right, names)) return true;
  if (kind.startsWith("AEXPR_NOT_") || operator === "<>" || operator === "!=" || operator.startsWith("!~")) return true;
  if (kind === "AEXPR_DISTINCT") return true;
  if (LIKE_KINDS.has(kind) || operator.startsWith("~")) return matchesAnything(right);
  if (kind === "AEXPR_BETWEEN" || kind === "AEXPR_BETWEEN_SYM") return false;
  if (kind === "AEXPR_OP_ANY" || kind === "AEXPR_OP_ALL" || kind === "AEXPR_IN") return listHolds(right, names);
  if (flattens(left, names) || flattens(right, names)) return true;
  if (right && "SubLink" in right) return operator !== "=" || sublinkHolds(right, names);
  return oneSided(operator, left, right) || oneSided(flipped(operator), right, left);
}

function flipped(operator: string): string {
  return operator.replace(/[<>]/g, (sign) => (sign === "<" ? ">" : "<"));
}

/** `id > -1`, `length(name) >= 0`, `id < 2147483647`. */
function oneSided(operator: string, value: Node | undefined, limit: Node | undefined): boolean {
  const literal = literalOf(limit) ?? negativeOf(limit);
  if (literal === undefined || !value) return false;
  const number = Number(literal);
  if (operator === ">=" || operator === ">")
    return number <= 0 && !("A_Expr" in value) ? true : isSize(value) && number < 1;
  if (operator === "<" || operator === "<=") return Number.isFinite(number) ? number >= 1_000_000 : false;
  return false;
}

function negativeOf(node: Node | undefined): string | undefined {
  if (!node || !("A_Expr" in node) || node.A_Expr.lexpr || operatorOf(node.A_Expr) !== "-") return undefined;
  const literal = literalOf(node.A_Expr.rexpr);
  return literal === undefined ? undefined : `-${literal}`;
}

function isSize(node: Node): boolean {
  return "FuncCall" in node && SIZES.has(textsOf(node.FuncCall.funcname).at(-1) ?? "");
}

function flattens(node: Node | undefined, names: TargetNames): boolean {
  if (!node || !("A_Expr" in node)) return false;
  if (FLATTENING.has(operatorOf(node.A_Expr))) return true;
  const { lexpr, rexpr } = node.A_Expr;
  return sameColumns(lexpr, rexpr, names) || flattens(lexpr, names) || flattens(rexpr, names);
}

function matchesAnything(pattern: Node | undefined): boolean {
  const literal = literalOf(pattern);
  return literal === undefined || /^[%_.*^$()]*$/.test(literal);
}

function listHolds(list: Node | undefined, names: TargetNames): boolean {
  if (!list) return true;
  if ("List" in list) return (list.List.items ?? []).some((item) => mentionsTarget(item, names));
  if ("SubLink" in list) return sublinkHolds(list, names);
  return mentionsTarget(list, names);
}

/** A subquery picks rows only when it has a condition of its own. */
function sublinkHolds(node: Node, names: TargetNames): boolean {
  if (!("SubLink" in node)) return true;
  const select = node.SubLink.subselect;
  if (!select || !("SelectStmt" in select)) return true;
  return !restricts(select.SelectStmt, names);
}

function restricts(select: SelectStmt, names: TargetNames): boolean {
  if (select.op && select.op !== "SETOP_NONE") {
    return Boolean(select.larg && select.rarg && restricts(select.larg, names) && restricts(select.rarg, names));
  }
  if (select.valuesLists || select.limitCount) return true;
  const anyColumn: TargetNames = { alias: "", owns: () => true };
  if (select.whereClause && !holdsForEveryRow(select.whereClause, { ...anyColumn, table: names.table })) return true;
  if (select.havingClause) return true;
  // Rows of another table are a choice; all rows of the same table are none.
  const tables = (select.fromClause ?? []).flatMap((item) => ("RangeVar" in item ? [item.RangeVar.relname ?? ""] : []));
  return select.fromClause === undefined || (tables.length > 0 && !tables.includes(names.table?.name ?? ""));
}

function caseHolds(node: Node, names: TargetNames): boolean {
  if (!("CaseExpr" in node)) return true;
  const results = (node.CaseExpr.args ?? []).flatMap((arg) => ("CaseWhen" in arg ? [arg.CaseWhen.result] : []));
  const holding = [...results, node.CaseExpr.defresult].filter((result) => result && holdsForEveryRow(result, names));
  return holding.length > 0;
}

function sameColumns(left: Node | undefined, right: Node | undefined, names: TargetNames): boolean {
  const [one, other] = [columnsIn(left, names), columnsIn(right, names)];
  return one.size > 0 && one.size === other.size && [...one].every((name) => other.has(name));
}

function columnsIn(node: Node | undefined, { foreign }: TargetNames): Set<string> {
  const found = new Set<string>();
  visit(node, (ref) => {
    const [column = "", alias = ""] = textsOf(ref.fields).toReversed();
    found.add(foreign?.has(alias) ? `${alias}.${column}` : column);
  });
  return found;
}

function mentionsTarget(node: Node, names: TargetNames): boolean {
  let found = false;
  visit(node, (ref) => {
    const parts = textsOf(ref.fields);
    const column = parts.at(-1) ?? "";
    found ||= parts.length > 1 ? names.alias === "" || parts.at(-2) === names.alias : names.owns(column);
  });
  return found;
}

function visit(node: Node | undefined, seen: (ref: ColumnRef) => void): void {
  if (!node) return;
  if ("ColumnRef" in node) seen(node.ColumnRef);
  else for (const body of Object.values(node)) for (const child of childrenOf(body)) visit(child, seen);
}

function isColumn(node: Node | undefined): boolean {
  return node !== undefined && "ColumnRef" in node;
}

function isFalse(node: Node): boolean {
  const literal = literalOf(node)?.toLowerCase();
  return literal !== undefined && ["false", "f", "no", "off", "n", "0"].includes(literal);
}

/** 1 = 0 and its like, which people write on purpose to touch nothing. */
function isFalseComparison(node: Node): boolean {
  if (!("A_Expr" in node) || node.A_Expr.kind !== "AEXPR_OP" || operatorOf(node.A_Expr) !== "=") return false;
  const [left, right] = [literalOf(node.A_Expr.lexpr), literalOf(node.A_Expr.rexpr)];
  return left !== undefined && right !== undefined && left !== right;
}

function operatorOf(expr: A_Expr): string {
  return textsOf(expr.name).at(-1) ?? "";
}

/** A node as comparable text, positions left out. */
function written(node: Node | undefined): string {
  return JSON.stringify(node ?? null, (key, value: unknown) => (key === "location" ? undefined : value));
}
