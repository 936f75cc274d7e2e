import type { JoinExpr, Node, RangeSubselect, RangeVar } from "libpg-query";
import type { Catalogue, CatalogueColumn, CatalogueRelation, FactObject, SourceColumn } from "../facts.ts";
import { renamed } from "./alias.ts";
import { callByKey, callUnseen } from "./calls.ts";
import { childrenOfRelation } from "./children.ts";
import { Collector } from "./collector.ts";
import { wholeRow } from "./columns.ts";
import { condition } from "./expression.ts";
import { LEAKY_SOURCE, systemColumnEffect } from "./leaky.ts";
import { findRelation, isSystemSchema } from "./names.ts";
import { alsoNamed, columnOrigin, computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import {
  addItem,
  childScope,
  findCte,
  type Run,
  type Scope,
  type ScopeColumn,
  type ScopeItem,
  tableObject,
} from "./run.ts";
import { functionItem, jsonTable, xmlTable } from "./table-functions.ts";
import { textsOf } from "./tree.ts";

/** Adds a FROM item to the scope and tells what its join conditions depend on. */
export function fromItem(node: Node, scope: Scope, run: Run): Origin {
  if ("RangeVar" in node) return push(scope, relationItem(node.RangeVar, scope, run));
  if ("RangeSubselect" in node) return push(scope, subselectItem(node.RangeSubselect, scope, run));
  if ("RangeFunction" in node) return push(scope, functionItem(node.RangeFunction, scope, run));
  if ("JoinExpr" in node) return join(node.JoinExpr, scope, run);
  if ("RangeTableSample" in node) return sample(node.RangeTableSample, scope, run);
  if ("RangeTableFunc" in node) return push(scope, xmlTable(node.RangeTableFunc, scope, run));
  if ("JsonTable" in node) return push(scope, jsonTable(node.JsonTable, scope, run));
  run.collector.giveUp("a FROM item of an unknown form");
  return UNKNOWN;
}

/** A named relation: a WITH query, a table, or a view opened to what it reads. */
export function relationItem(range: RangeVar, scope: Scope, run: Run, action?: string): ScopeItem {
  run.collector.visited.add(range);
  const name = range.relname ?? "";
  const cte = range.schemaname ? undefined : findCte(scope, name);
  if (cte) return renamed({ alias: name, columns: cte.columns, open: cte.open }, range.alias);
  return renamed(storedItem(range, run, action), range.alias);
}

/** The relation that a statement writes to, for which WITH queries do not count. */
export function storedItem(range: RangeVar, run: Run, action?: string): ScopeItem {
  run.collector.visited.add(range);
  const name = { schema: range.schemaname || undefined, name: range.relname ?? "" };
  const relation = findRelation(run.catalogue, run.path, name, run.settings.temporaryNames);
  if (!relation) return missing(name, run, action);
  if (run.catalogue.unsure?.altered.has(`${relation.schema}.${relation.name}`))
    return alteredItem(relation, run, action);
  return knownItem(relation, run, action);
}

function missing(name: { schema: string | undefined; name: string }, run: Run, action?: string): ScopeItem {
  const full = name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
  run.collector.unresolved.add(full);
  run.collector.giveUp(`relation ${full} is not in the catalogue`);
  const table: FactObject = { kind: "table", schema: name.schema ?? "", name: name.name };
  run.collector.column("sql.read.select", table, "*", "read");
  return { alias: name.name, schema: name.schema, columns: [], open: true, table, action };
}

/** A table that a definition changed which nobody followed: its name holds, its columns and what writes set off do not. */
function alteredItem(relation: CatalogueRelation, run: Run, action: string | undefined): ScopeItem {
  const table = tableObject(relation);
  run.collector.giveUp(`an earlier statement changed ${table.schema}.${table.name}: send this one by itself`);
  run.collector.column("sql.read.select", table, "*", "read");
  return { alias: table.name, schema: table.schema, columns: [], open: true, table, action };
}

function knownItem(relation: CatalogueRelation, run: Run, action: string | undefined): ScopeItem {
  const table = tableObject(relation);
  if (action === undefined) run.collector.need("sql.read.select", table);
  for (const parent of relation.parents ?? []) noteParent(parent, run, action);
  for (const column of relation.columns) {
    for (const key of run.catalogue.implicitCasts?.get(column.typeOid) ?? [])
      callUnseen(key, childScope(undefined), run);
  }
  for (const key of relation.rowCasts ?? []) callUnseen(key, childScope(undefined), run);
  for (const key of relation.policyFunctions ?? []) callByKey(key, childScope(undefined), run);
  for (const name of relation.policyRelations ?? []) consulted(name, run);
  const columns = isView(relation) ? viewColumns(relation, run) : storedColumns(relation, run.catalogue);
  return { alias: relation.name, schema: relation.schema, columns, open: false, table, action };
}

/** Row security reads it for whoever reads the table that it guards: none of it is shown, but errors may quote it. */
function consulted(name: string, run: Run): void {
  const key = `row security reads ${name}`;
  if (run.opening.includes(key)) return;
  const relation = run.catalogue.relationByName.get(name);
  const collector = new Collector();
  if (relation) knownItem(relation, { ...run, collector, opening: [...run.opening, key] }, undefined);
  for (const { object } of collector.accesses.values())
    if (object.kind === "table") run.collector.quoted.set(`${object.schema}.${object.name}`, object);
  for (const [quoted, object] of collector.quoted) run.collector.quoted.set(quoted, object);
  run.collector.quotesAny ||= !relation || collector.opaque || collector.quotesAny;
}

/** A partition read directly is its parent's data. */
function noteParent(parent: string, run: Run, action: string | undefined): void {
  const relation = run.catalogue.relationByName.get(parent);
  if (relation && action === undefined) run.collector.need("sql.read.select", tableObject(relation));
}

export function isView(relation: CatalogueRelation): boolean {
  return (relation.kind === "view" || relation.kind === "materialized_view") && !isSystemSchema(relation.schema);
}

/** The columns of a relation are the same for every statement. */
function storedColumns(relation: CatalogueRelation, catalogue: Catalogue): readonly ScopeColumn[] {
  let ofCatalogue = columnsKnown.get(catalogue);
  if (!ofCatalogue) {
    ofCatalogue = new Map();
    columnsKnown.set(catalogue, ofCatalogue);
  }
  let known = ofCatalogue.get(relation);
  if (!known) {
    known = relation.columns.map((column) => generatedColumn(catalogue, relation, column));
    ofCatalogue.set(relation, known);
  }
  return known;
}

/** By catalogue: one relation can be part of several, with other partitions in each. */
const columnsKnown = new WeakMap<Catalogue, Map<CatalogueRelation, readonly ScopeColumn[]>>();

/** A generated column carries what it is computed from. */
function generatedColumn(catalogue: Catalogue, relation: CatalogueRelation, column: CatalogueColumn): ScopeColumn {
  const own = storedColumn(catalogue, relation, column.name);
  if (!column.generatedFrom) return own;
  const parts = column.generatedFrom.map((name) => storedColumn(catalogue, relation, name).origin);
  return { name: column.name, origin: computed(own.origin, ...parts) };
}

function storedColumn(catalogue: Catalogue, relation: CatalogueRelation, column: string): ScopeColumn {
  const own: SourceColumn = { schema: relation.schema, table: relation.name, column };
  const parents = (relation.parents ?? []).map((parent) => {
    const dot = parent.indexOf(".");
    return { schema: parent.slice(0, dot), table: parent.slice(dot + 1), column };
  });
  // A read of a parent shows its partitions' rows, whose columns may be classified under their own names.
  const children = childrenOfRelation(catalogue, relation).map((child) => ({
    schema: child.schema,
    table: child.name,
    column,
  }));
  const leaky = systemColumnEffect(relation.schema, relation.name, column) !== "plain";
  return { name: column, origin: columnOrigin(own, ...parents, ...children, ...(leaky ? [LEAKY_SOURCE] : [])) };
}

/** A view's columns carry what they are made of, and their own name in case that is classified itself. */
function viewColumns(relation: CatalogueRelation, run: Run): ScopeColumn[] {
  const opened = run.view(relation, run);
  if (opened) run.collector.absorb(opened.collector);
  else run.collector.giveUp(`view ${relation.schema}.${relation.name} could not be opened`);
  const shape = opened?.shape;
  // which rows it shows can tell a value of one column by another
  const told = computed(...(opened?.collector.correlated ?? []));
  const fits = shape !== undefined && !shape.open && shape.columns.length === relation.columns.length;
  return relation.columns.map((column, at) => {
    const inner = fits ? shape.columns[at]?.origin : undefined;
    const own = { schema: relation.schema, table: relation.name, column: column.name };
    return {
      name: column.name,
      origin: alsoNamed(told.sources.size > 0 ? computed(inner ?? UNKNOWN, told) : (inner ?? UNKNOWN), own),
    };
  });
}

function subselectItem(range: RangeSubselect, scope: Scope, run: Run): ScopeItem {
  if (!range.subquery || !("SelectStmt" in range.subquery)) {
    run.collector.giveUp("a subquery of an unknown form");
    return { alias: range.alias?.aliasname ?? "", columns: [], open: true };
  }
  const outer = range.lateral ? scope : { ...scope, items: [], merged: [], star: [] };
  const shape = run.query(range.subquery.SelectStmt, outer, run);
  return renamed({ alias: "", columns: shape.columns, open: shape.open }, range.alias);
}

function sample(
  range: { relation?: Node; method?: Node[]; args?: Node[]; repeatable?: Node },
  scope: Scope,
  run: Run,
): Origin {
  // How much is drawn, and which rows, tells the number given.
  for (const arg of [...(range.args ?? []), range.repeatable]) run.collector.correlate(condition(arg, scope, run));
  const method = textsOf(range.method).at(-1);
  if (method !== "bernoulli" && method !== "system") run.collector.giveUp(`sampling method ${method} is not known`);
  return range.relation ? fromItem(range.relation, scope, run) : NOTHING;
}

/** Where a join's two sides begin in the scope's lists. */
interface JoinMarks {
  readonly items: number;
  readonly merged: number;
  readonly star: number;
}

function marksOf(scope: Scope): JoinMarks {
  return { items: scope.items.length, merged: scope.merged.length, star: scope.star.length };
}

function join(expr: JoinExpr, scope: Scope, run: Run): Origin {
  const start = marksOf(scope);
  const left = expr.larg ? fromItem(expr.larg, scope, run) : NOTHING;
  const middle = marksOf(scope);
  const right = expr.rarg ? fromItem(expr.rarg, scope, run) : NOTHING;
  const shared = sharedColumns(expr, scope.star.slice(start.star, middle.star), scope.star.slice(middle.star));
  if (shared.length > 0) mergeColumns(shared, start, scope, run);
  for (const column of shared) {
    run.collector.filteredBy(column.origin);
    if (!column.exact) run.collector.correlate(column.origin);
  }
  const sides = { ...scope, items: scope.items.slice(start.items), merged: scope.merged.slice(start.merged) };
  if (expr.isNatural && sides.items.some((item) => item.open)) {
    run.collector.doubt("a NATURAL JOIN with a relation whose columns are not known");
  }
  const on = condition(expr.quals, sides, run);
  if (expr.alias?.aliasname || expr.join_using_alias?.aliasname) aliasJoin(expr, shared, start, { scope, run });
  return computed(left, right, on);
}

/** A merged column; `exact` when both sides' are stored columns as they are. */
interface SharedColumn extends ScopeColumn {
  readonly exact: boolean;
}

/** Columns that USING or NATURAL make one. */
function sharedColumns(expr: JoinExpr, left: readonly ScopeColumn[], right: readonly ScopeColumn[]): SharedColumn[] {
  const onTheRight = new Set(right.map((column) => column.name));
  const common = left.map((column) => column.name).filter((name) => onTheRight.has(name));
  const names = expr.isNatural ? new Set(common) : new Set(textsOf(expr.usingClause));
  return [...names].map((name) => {
    const both = [...left, ...right].filter((column) => column.name === name);
    return { name, origin: computed(...both.map((column) => column.origin)), exact: both.every((c) => c.origin.exact) };
  });
}

function mergeColumns(shared: readonly ScopeColumn[], start: JoinMarks, scope: Scope, run: Run): void {
  run.operator("=", scope, run);
  const names = new Set(shared.map((column) => column.name));
  for (const item of scope.items.slice(start.items)) for (const name of names) noteShared(item, name, run);
  const earlier = scope.merged.splice(start.merged).filter((column) => !names.has(column.name));
  scope.merged.push(...shared, ...earlier);
  const others = scope.star.splice(start.star).filter((column) => !names.has(column.name));
  scope.star.push(...shared, ...others);
}

function noteShared(item: ScopeItem, name: string, run: Run): void {
  const own = item.columns.find((column) => column.name === name);
  if (own && item.table) run.collector.column("sql.read.select", item.table, own.stored ?? name, "filter");
}

/** An alias on a join hides what is inside it; an alias on USING names the merged columns only. */
function aliasJoin(
  expr: JoinExpr,
  shared: readonly ScopeColumn[],
  start: JoinMarks,
  at: { scope: Scope; run: Run },
): void {
  const { run, scope } = at;
  if (!expr.alias?.aliasname) {
    scope.items.push({ alias: expr.join_using_alias?.aliasname ?? "", columns: shared, open: false });
    return;
  }
  const inside = scope.items.splice(start.items);
  const columns = scope.star.splice(start.star);
  scope.merged.splice(start.merged);
  // Behind the alias their use can no longer be told apart: all count as read.
  for (const item of inside) wholeRow(item, run, "read");
  const open = inside.some((item) => item.open);
  addItem(scope, renamed({ alias: expr.alias.aliasname, columns, open }, expr.alias));
}

function push(scope: Scope, item: ScopeItem): Origin {
  addItem(scope, item);
  return NOTHING;
}
