import type { Node, SelectStmt } from "libpg-query";
import { isStar, offersColumn } from "./columns.ts";
import { condition, expression } from "./expression.ts";
import { computed, type Origin, UNKNOWN } from "./origin.ts";
import { outputName } from "./output-name.ts";
import { addItem, childScope, type QueryShape, type Run, type Scope } from "./run.ts";
import { textsOf } from "./tree.ts";

/** A query with what it gives: ORDER BY, GROUP BY and DISTINCT ON can name that. */
interface Given extends Pick<QueryShape, "columns" | "open"> {
  readonly select: SelectStmt;
}

/** GROUP BY: an input column's name comes first, then an output column's, then a position. */
export function grouping(given: Given, scope: Scope, run: Run): void {
  for (const node of given.select.groupClause ?? []) groupItem(node, given, scope, run);
}

function groupItem(node: Node, given: Given, scope: Scope, run: Run): void {
  if ("GroupingSet" in node) {
    for (const inner of node.GroupingSet.content ?? []) groupItem(inner, given, scope, run);
    return;
  }
  const name = plainName(node);
  const input = name !== undefined && offersColumn(scope, name);
  if (input) condition(node, scope, run);
  else chosenBy(node, given, scope, run);
}

/** ORDER BY and DISTINCT ON: an output column's name comes first. */
export function ordering(given: Given, scope: Scope, run: Run): void {
  for (const node of given.select.sortClause ?? []) {
    if ("SortBy" in node && node.SortBy.useOp) run.operator(textsOf(node.SortBy.useOp).at(-1) ?? "", scope, run);
    chosenBy("SortBy" in node ? node.SortBy.node : node, given, scope, run);
  }
  for (const node of given.select.distinctClause ?? []) {
    if (Object.keys(node).length > 0) chosenBy(node, given, scope, run);
  }
}

/** Rows are ordered or put together by an output's expression, by a position among the columns, or by what is written. */
function chosenBy(node: Node | undefined, given: Given, scope: Scope, run: Run): void {
  const target = node && outputTarget(node, given.select);
  const position = node && positionOf(node);
  if (target || position === undefined) condition(target ?? node, scope, run);
  else run.collector.filteredBy(given.open ? UNKNOWN : (given.columns[position - 1]?.origin ?? UNKNOWN));
}

function plainName(node: Node): string | undefined {
  if (!("ColumnRef" in node)) return undefined;
  const parts = textsOf(node.ColumnRef.fields);
  return parts.length === 1 && parts[0] !== "*" ? parts[0] : undefined;
}

function positionOf(node: Node): number | undefined {
  return "A_Const" in node && node.A_Const.ival ? (node.A_Const.ival.ival ?? 0) : undefined;
}

/** The select-list expression that a name (also one that nobody wrote) or a position stands for; behind a star, none. */
function outputTarget(node: Node, select: SelectStmt): Node | undefined {
  const targets = (select.targetList ?? []).map((target) => ("ResTarget" in target ? target.ResTarget : undefined));
  const name = plainName(node);
  if (name !== undefined) {
    return targets.find((target) => target && !isAnyStar(target.val) && outputName(target) === name)?.val;
  }
  const position = positionOf(node);
  if (position === undefined || targets.slice(0, position).some((target) => isAnyStar(target?.val))) return undefined;
  return targets[position - 1]?.val;
}

function isAnyStar(value: Node | undefined): boolean {
  if (!value) return false;
  if ("ColumnRef" in value) return isStar(value.ColumnRef);
  const last = "A_Indirection" in value ? value.A_Indirection.indirection?.at(-1) : undefined;
  return last !== undefined && "A_Star" in last;
}

/** ORDER BY of a set operation or of VALUES knows the columns alone. An order among given values tells the hidden ones. */
export function orderingOfColumns(select: SelectStmt, shape: QueryShape, exact: readonly boolean[], run: Run): void {
  for (const node of select.sortClause ?? []) {
    const key = "SortBy" in node ? node.SortBy.node : node;
    const name = key && plainName(key);
    const at =
      name === undefined ? ((key && positionOf(key)) ?? 0) - 1 : shape.columns.findIndex((c) => c.name === name);
    const origin = shape.open ? UNKNOWN : (shape.columns[at]?.origin ?? anyOf(shape));
    run.collector.filteredBy(origin);
    if (exact[at] !== true) run.collector.correlate(origin);
    if ("SortBy" in node && node.SortBy.useOp)
      run.operator(textsOf(node.SortBy.useOp).at(-1) ?? "", childScope(undefined), run);
    if (key && at < 0) expression(key, valuesScope(shape), run, "filter");
  }
}

function anyOf(shape: QueryShape): Origin {
  return computed(...shape.columns.map((column) => column.origin));
}

function valuesScope(shape: QueryShape): Scope {
  const scope = childScope(undefined);
  addItem(scope, { alias: "*VALUES*", columns: shape.columns, open: shape.open });
  return scope;
}
