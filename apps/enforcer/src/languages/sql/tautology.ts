import type { A_Expr, BoolExpr, BooleanTest, FuncCall, JoinExpr, Node, RangeVar, SelectStmt } from "libpg-query";
import { makesUp, startOf } from "./made-rows.ts";
import { numberOf, oneSided, operatorOf, spansAll } from "./one-sided.ts";
import { columnsIn, mentionsTarget, sameColumns, type TargetNames } from "./target-columns.ts";
import { literalOf, textsOf } from "./tree.ts";

const LIKE_KINDS = new Set(["AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR"]);
/** Arithmetic that can make every row equal. */
const FLATTENING = new Set(["*", "/", "%", "&", "|", "#"]);
/** Functions that are conditions themselves, and pick rows by the pattern they are given. */
const PICKING = new Set(["starts_with", "regexp_like"]);
/** The same of every row, or nearly: of a table, of what one transaction loaded, of rows that nobody is changing. */
const SYSTEM_COLUMNS = new Set(["tableoid", "xmin", "xmax", "cmin", "cmax"]);

/**
 * Whether a condition may hold for every row of the written table. Conservative: true unless the condition is of a form
 * that picks rows by the table's own columns. `<>`, IS NOT NULL and NOT IN pick nearly every row and count as true, as do
 * a comparison of truth values and a function that is a condition by itself.
 */
export function holdsForEveryRow(where: Node | undefined, names: TargetNames): boolean {
  if (!where) return true;
  if ("CurrentOfExpr" in where) return false;
  if ("BoolExpr" in where) return boolean(where.BoolExpr, names);
  if (literalOf(where) !== undefined) return !isFalse(where);
  if (!mentionsTarget(where, names)) return !isFalseComparison(where);
  if ("A_Expr" in where) return comparison(where.A_Expr, names);
  if ("NullTest" in where) return where.NullTest.nulltesttype === "IS_NOT_NULL" || !isColumn(where.NullTest.arg);
  if ("BooleanTest" in where) return truthTest(where.BooleanTest, names);
  if ("TypeCast" in where) return holdsForEveryRow(where.TypeCast.arg, names);
  if ("SubLink" in where) return where.SubLink.subLinkType === "EXPR_SUBLINK" || sublinkHolds(where, names);
  if ("CaseExpr" in where) return caseHolds(where, names);
  if ("CoalesceExpr" in where) return (where.CoalesceExpr.args ?? []).some((arg) => holdsForEveryRow(arg, names));
  if ("FuncCall" in where) return !picks(where.FuncCall);
  return !("ColumnRef" in where);
}

function truthTest({ arg, booltesttype }: BooleanTest, names: TargetNames): boolean {
  if (booltesttype === "IS_TRUE") return holdsForEveryRow(arg, names);
  if (booltesttype === "IS_FALSE") return !picksByEquality(arg);
  return booltesttype !== "IS_UNKNOWN" || !isColumn(arg);
}

function picks({ args, funcname }: FuncCall): boolean {
  const pattern = args?.[1];
  return PICKING.has(textsOf(funcname).at(-1) ?? "") && !matchesAnything(pattern);
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
  if (kind.startsWith("AEXPR_NOT_BETWEEN") || NEARLY_ALL.test(operator) || kind === "AEXPR_DISTINCT") return true;
  if (isTruth(left) || isTruth(right) || bySystemColumns(expr, operator, names)) return true;
  if (LIKE_KINDS.has(kind) || operator.startsWith("~")) return matchesAnything(right);
  if (kind === "AEXPR_BETWEEN" || kind === "AEXPR_BETWEEN_SYM") return spansAll(left, right);
  // of ALL of nothing anything is true
  if (kind === "AEXPR_OP_ALL" || (kind === "AEXPR_OP_ANY" && operator !== "=")) return true;
  if (kind === "AEXPR_OP_ANY" || kind === "AEXPR_IN") return listHolds(right, names);
  if (flattens(left, names) || flattens(right, names)) return true;
  if (right && "SubLink" in right) return operator !== "=" || sublinkHolds(right, names);
  const [value, limit] = [firstOf(left), firstOf(right)];
  return oneSided(operator, value, limit) || oneSided(flipped(operator), limit, value);
}

const NEARLY_ALL = /^(<>|!=|!~.*)$/;
const COMPARISON = /^([<>=!]+|!?~.*)$/;

/** A truth value that is computed, or a choice between values: what it is compared with can be what it always is. */
function isTruth(node: Node | undefined): boolean {
  if (!node) return false;
  if ("TypeCast" in node) return isTruth(node.TypeCast.arg);
  if ("A_Expr" in node) return node.A_Expr.kind !== "AEXPR_OP" || COMPARISON.test(operatorOf(node.A_Expr));
  return ["BoolExpr", "NullTest", "BooleanTest", "CaseExpr", "MinMaxExpr"].some((kind) => kind in node);
}

/** `tableoid = 'orders'::regclass`, `xmax = 0`, `ctid >= '(0,0)'`. */
function bySystemColumns(expr: A_Expr, operator: string, names: TargetNames): boolean {
  const columns = [...columnsIn(expr.lexpr, names), ...columnsIn(expr.rexpr, names)];
  return columns.every((name) => SYSTEM_COLUMNS.has(name) || (name === "ctid" && /[<>]/.test(operator)));
}

/** Rows are ordered by their first columns. */
function firstOf(node: Node | undefined): Node | undefined {
  return node && "RowExpr" in node ? node.RowExpr.args?.[0] : node;
}

function flipped(operator: string): string {
  return operator.replace(/[<>]/g, (sign) => (sign === "<" ? ">" : "<"));
}

function flattens(node: Node | undefined, names: TargetNames): boolean {
  if (!node || !("A_Expr" in node)) return false;
  if (FLATTENING.has(operatorOf(node.A_Expr)) && columnsIn(node, names).size > 0) return true;
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

/** A subquery picks rows only when it has a condition of its own; where it need only exist, one on the written row. */
function sublinkHolds(node: Node, names: TargetNames): boolean {
  if (!("SubLink" in node)) return true;
  const { operName, subLinkType, subselect: select } = node.SubLink;
  if (!select || !("SelectStmt" in select) || subLinkType === "ALL_SUBLINK") return true;
  if (operName?.length && textsOf(operName).at(-1) !== "=") return true;
  if (subLinkType === "EXISTS_SUBLINK") return holdsForEveryRow(select.SelectStmt.whereClause, names);
  return !restricts(select.SelectStmt, names);
}

function restricts(select: SelectStmt, outer: TargetNames): boolean {
  const names = withOwnQueries(select, outer);
  if (select.op && select.op !== "SETOP_NONE") {
    return Boolean(select.larg && select.rarg && restricts(select.larg, names) && restricts(select.rarg, names));
  }
  if (select.valuesLists || isLimit(select.limitCount)) return true;
  if (select.whereClause && chooses(select.whereClause, names)) return true;
  if (select.havingClause && groupsChosen(select.havingClause)) return true;
  if (select.fromClause === undefined) return !(select.targetList ?? []).some(makesUp);
  return select.fromClause.every((item) => givesSome(item, names));
}

/** The same names, and the subquery's own WITH queries before those around it. */
function withOwnQueries(select: SelectStmt, names: TargetNames): TargetNames {
  const own = new Map<string, SelectStmt>();
  for (const node of select.withClause?.ctes ?? []) {
    const { ctename = "", ctequery } = "CommonTableExpr" in node ? node.CommonTableExpr : {};
    if (ctequery && "SelectStmt" in ctequery)
      own.set(ctename, startOf(ctequery.SelectStmt, select.withClause?.recursive));
  }
  if (own.size === 0) return names;
  const ofOwn = (range: RangeVar) => (range.schemaname ? undefined : own.get(range.relname ?? ""));
  return { ...names, source: (range) => ofOwn(range) ?? names.source(range) };
}

function chooses(condition: Node, names: TargetNames): boolean {
  const { followed, table } = names;
  const source = (range: RangeVar) => names.source(range);
  return !holdsForEveryRow(condition, { alias: "", owns: () => true, table, source, followed });
}

/** `LIMIT 100`, `LIMIT $1`, but not LIMIT ALL or one beyond every table. */
function isLimit(count: Node | undefined): boolean {
  if (!count || ("A_Const" in count && count.A_Const.isnull)) return false;
  const number = numberOf(count);
  return number === undefined || number < 1_000_000;
}

/** HAVING count(*) > 1, but neither HAVING true nor what holds for each group. */
function groupsChosen(having: Node): boolean {
  if (!("A_Expr" in having)) return "BoolExpr" in having;
  const { lexpr, rexpr } = having.A_Expr;
  const operator = operatorOf(having.A_Expr);
  return !oneSided(operator, lexpr, rexpr) && !oneSided(flipped(operator), rexpr, lexpr);
}

/** Rows of another table are a choice; all rows of the same table are none, nor what a function makes up. */
function givesSome(item: Node, names: TargetNames): boolean {
  if ("RangeSubselect" in item) {
    const { subquery } = item.RangeSubselect;
    return subquery !== undefined && "SelectStmt" in subquery && restricts(subquery.SelectStmt, names);
  }
  if ("RangeFunction" in item) return !makesUp(item);
  if ("JoinExpr" in item) return joinGivesSome(item.JoinExpr, names);
  if (!("RangeVar" in item)) return false;
  const source = names.source(item.RangeVar);
  if (typeof source === "string") return source === "other";
  const known = names.followed.get(source);
  if (known !== undefined) return known;
  names.followed.set(source, false);
  const chosen = restricts(source, names);
  names.followed.set(source, chosen);
  return chosen;
}

function joinGivesSome({ jointype, larg, quals, rarg, usingClause }: JoinExpr, names: TargetNames): boolean {
  if (!larg || !rarg) return false;
  const [left, right] = [givesSome(larg, names), givesSome(rarg, names)];
  if (left && right) return true;
  const matches = (usingClause?.length ?? 0) > 0 || (quals !== undefined && chooses(quals, names));
  return (jointype ?? "JOIN_INNER") === "JOIN_INNER" && matches && (left || right);
}

function caseHolds(node: Node, names: TargetNames): boolean {
  if (!("CaseExpr" in node)) return true;
  const results = (node.CaseExpr.args ?? []).flatMap((arg) => ("CaseWhen" in arg ? [arg.CaseWhen.result] : []));
  const holding = [...results, node.CaseExpr.defresult].filter((result) => result && holdsForEveryRow(result, names));
  return holding.length > 0;
}

function isColumn(node: Node | undefined): boolean {
  return node !== undefined && "ColumnRef" in node;
}

/** As it is written: a cast can make anything of it. */
function isFalse(node: Node): boolean {
  if (!("A_Const" in node)) return false;
  const literal = literalOf(node)?.toLowerCase();
  return literal !== undefined && ["false", "f", "no", "off", "n", "0"].includes(literal);
}

/** 1 = 0 and its like, which people write on purpose to touch nothing. Of one type: 1 = 1.0 and true = 't' are true. */
function isFalseComparison(node: Node): boolean {
  if (!("A_Expr" in node) || node.A_Expr.kind !== "AEXPR_OP" || operatorOf(node.A_Expr) !== "=") return false;
  const { lexpr: left, rexpr: right } = node.A_Expr;
  if (!left || !right || !("A_Const" in left) || !("A_Const" in right)) return false;
  const alike =
    (left.A_Const.ival && right.A_Const.ival) ||
    (left.A_Const.sval && right.A_Const.sval) ||
    (left.A_Const.boolval && right.A_Const.boolval);
  return Boolean(alike) && literalOf(left) !== literalOf(right);
}

/** A node as comparable text, positions left out. */
function written(node: Node | undefined): string {
  return JSON.stringify(node ?? null, (key, value: unknown) => (key === "location" ? undefined : value));
}
