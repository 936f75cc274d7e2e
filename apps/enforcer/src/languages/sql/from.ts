import type {
  Alias,
  JoinExpr,
  JsonTable,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeTableFunc,
  RangeVar,
} from "libpg-query";
import type { Catalogue, CatalogueRelation, FactObject, SourceColumn } from "../facts.ts";
import { type Call, callByKey, callShape } from "./calls.ts";
import { wholeRow } from "./columns.ts";
import { condition, everyChild, expression } from "./expression.ts";
import { LEAKY_SOURCE, systemColumnEffect } from "./leaky.ts";
import { findRelation, isSystemSchema } from "./names.ts";
import { alsoNamed, columnOrigin, computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import {
  childScope,
  findCte,
  type QueryShape,
  type Run,
  type Scope,
  type ScopeColumn,
  type ScopeItem,
  tableObject,
} from "./run.ts";
import { literalOf, qualified, textsOf } from "./tree.ts";

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

function knownItem(relation: CatalogueRelation, run: Run, action: string | undefined): ScopeItem {
  const table = tableObject(relation);
  if (action === undefined) run.collector.need("sql.read.select", table);
  for (const parent of relation.parents ?? []) noteParent(parent, run, action);
  for (const column of relation.columns) {
    for (const key of run.catalogue.implicitCasts?.get(column.typeOid) ?? [])
      callByKey(key, childScope(undefined), run);
  }
  const columns = isView(relation) ? viewColumns(relation, run) : storedColumns(relation, run.catalogue);
  return { alias: relation.name, schema: relation.schema, columns, open: false, table, action };
}

/** A partition read directly is its parent's data. */
function noteParent(parent: string, run: Run, action: string | undefined): void {
  const relation = run.catalogue.relationByName.get(parent);
  if (relation && action === undefined) run.collector.need("sql.read.select", tableObject(relation));
}

function isView(relation: CatalogueRelation): boolean {
  return (relation.kind === "view" || relation.kind === "materialized_view") && !isSystemSchema(relation.schema);
}

/** A read of a parent shows its partitions' rows, whose columns may be classified under their own names. */
function childrenByParent(catalogue: Catalogue): ReadonlyMap<string, readonly CatalogueRelation[]> {
  let known = childrenOfCatalogue.get(catalogue);
  if (known) return known;
  const children = new Map<string, CatalogueRelation[]>();
  for (const relation of catalogue.relations) {
    for (const parent of relation.parents ?? []) {
      const list = children.get(parent);
      if (list) list.push(relation);
      else children.set(parent, [relation]);
    }
  }
  known = children;
  childrenOfCatalogue.set(catalogue, known);
  return known;
}

const childrenOfCatalogue = new WeakMap<Catalogue, ReadonlyMap<string, readonly CatalogueRelation[]>>();

/** The columns of a relation are the same for every statement. */
function storedColumns(relation: CatalogueRelation, catalogue: Catalogue): readonly ScopeColumn[] {
  let known = columnsOfRelation.get(relation);
  if (!known) {
    known = relation.columns.map((column) => storedColumn(catalogue, relation, column.name));
    columnsOfRelation.set(relation, known);
  }
  return known;
}

/** A relation object belongs to one catalogue. */
const columnsOfRelation = new WeakMap<CatalogueRelation, readonly ScopeColumn[]>();

function storedColumn(catalogue: Catalogue, relation: CatalogueRelation, column: string): ScopeColumn {
  const own: SourceColumn = { schema: relation.schema, table: relation.name, column };
  const parents = (relation.parents ?? []).map((parent) => {
    const dot = parent.indexOf(".");
    return { schema: parent.slice(0, dot), table: parent.slice(dot + 1), column };
  });
  const children = (childrenByParent(catalogue).get(`${relation.schema}.${relation.name}`) ?? []).map((child) => ({
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
  const fits = shape !== undefined && !shape.open && shape.columns.length === relation.columns.length;
  return relation.columns.map((column, at) => {
    const inner = fits ? shape.columns[at]?.origin : undefined;
    const own = { schema: relation.schema, table: relation.name, column: column.name };
    return { name: column.name, origin: alsoNamed(inner ?? UNKNOWN, own) };
  });
}

function subselectItem(range: RangeSubselect, scope: Scope, run: Run): ScopeItem {
  if (!range.subquery || !("SelectStmt" in range.subquery)) {
    run.collector.giveUp("a subquery of an unknown form");
    return { alias: range.alias?.aliasname ?? "", columns: [], open: true };
  }
  const outer = range.lateral ? scope : { ...scope, items: [], merged: [] };
  const shape = run.query(range.subquery.SelectStmt, outer, run);
  return renamed({ alias: "", columns: shape.columns, open: shape.open }, range.alias);
}

function functionItem(range: RangeFunction, scope: Scope, run: Run): ScopeItem {
  const columns: ScopeColumn[] = [];
  let open = false;
  const alone = range.functions?.length === 1;
  for (const entry of range.functions ?? []) {
    const parts = "List" in entry ? (entry.List.items ?? []) : [entry];
    const shape = tableFunction(parts[0], scope, run);
    const defined = [
      ...definedNames(parts[1]),
      ...(alone ? definedNames({ List: { items: range.coldeflist ?? [] } }) : []),
    ];
    const all = computed(...shape.columns.map((column) => column.origin));
    if (defined.length > 0) columns.push(...defined.map((name) => ({ name, origin: all })));
    else columns.push(...nameAfterAlias(shape, alone ? range.alias : undefined));
    open ||= shape.open && defined.length === 0;
  }
  if (range.ordinality) columns.push({ name: "ordinality", origin: NOTHING });
  return renamed({ alias: columns[0]?.name ?? "", columns, open }, range.alias);
}

/** A function that gives one undeclared column is named after its alias. */
function nameAfterAlias(shape: QueryShape, alias: Alias | undefined): readonly ScopeColumn[] {
  const [only] = shape.columns;
  if (!only || shape.columns.length > 1 || !alias?.aliasname || shape.declared) return shape.columns;
  return [{ ...only, name: alias.aliasname }];
}

function definedNames(node: Node | undefined): string[] {
  if (!node || !("List" in node)) return [];
  return (node.List.items ?? []).flatMap((item) => ("ColumnDef" in item ? [item.ColumnDef.colname ?? ""] : []));
}

/** A function in FROM; anything else there (a cast, current_date …) is one column. */
function tableFunction(node: Node | undefined, scope: Scope, run: Run): QueryShape {
  if (!node || !("FuncCall" in node)) {
    return {
      columns: [{ name: "value", origin: expression(node, scope, run, "read") }],
      open: false,
      filters: NOTHING,
    };
  }
  const call = node.FuncCall;
  run.collector.visited.add(call);
  const args = call.args ?? [];
  const described: Call = {
    name: qualified(textsOf(call.funcname)),
    argumentCount: args.length,
    origins: args.map((arg) => expression(arg, scope, run, "read")),
    literals: args.map((arg) => literalOf(arg)),
  };
  // How many rows there are depends on them.
  for (const origin of described.origins) run.collector.filteredBy(origin);
  return callShape(described, scope, run);
}

function sample(
  range: { relation?: Node; method?: Node[]; args?: Node[]; repeatable?: Node },
  scope: Scope,
  run: Run,
): Origin {
  for (const arg of range.args ?? []) expression(arg, scope, run, "filter");
  expression(range.repeatable, scope, run, "filter");
  const method = textsOf(range.method).at(-1);
  if (method !== "bernoulli" && method !== "system") run.collector.giveUp(`sampling method ${method} is not known`);
  return range.relation ? fromItem(range.relation, scope, run) : NOTHING;
}

function xmlTable(range: RangeTableFunc, scope: Scope, run: Run): ScopeItem {
  const content = computed(
    expression(range.rowexpr, scope, run, "read"),
    expression(range.docexpr, scope, run, "read"),
    everyChild(range.namespaces, scope, run, "read"),
  );
  const columns = (range.columns ?? []).flatMap((column): ScopeColumn[] => {
    if (!("RangeTableFuncCol" in column)) return [];
    const own = everyChild([column.RangeTableFuncCol.colexpr, column.RangeTableFuncCol.coldefexpr], scope, run, "read");
    return [{ name: column.RangeTableFuncCol.colname ?? "", origin: computed(content, own) }];
  });
  return renamed({ alias: "xmltable", columns, open: false }, range.alias);
}

function jsonTable(range: JsonTable, scope: Scope, run: Run): ScopeItem {
  const content = everyChild([range.context_item, range.passing, range.on_error], scope, run, "read");
  const columns = jsonColumns(range.columns, scope, run).map((name) => ({ name, origin: computed(content) }));
  return renamed({ alias: "json_table", columns, open: false }, range.alias);
}

function jsonColumns(nodes: readonly Node[] | undefined, scope: Scope, run: Run): string[] {
  return (nodes ?? []).flatMap((node) => {
    if (!("JsonTableColumn" in node)) return [];
    const column = node.JsonTableColumn;
    everyChild([column.on_empty, column.on_error, column.typeName], scope, run, "read");
    return column.coltype === "JTC_NESTED" ? jsonColumns(column.columns, scope, run) : [column.name ?? ""];
  });
}

function join(expr: JoinExpr, scope: Scope, run: Run): Origin {
  const start = scope.items.length;
  const mergedStart = scope.merged.length;
  const left = expr.larg ? fromItem(expr.larg, scope, run) : NOTHING;
  const middle = scope.items.length;
  const leftMerged = scope.merged.slice(mergedStart);
  const right = expr.rarg ? fromItem(expr.rarg, scope, run) : NOTHING;
  const sides = scope.items.slice(start);
  const on = condition(expr.quals, { ...scope, items: sides, merged: scope.merged.slice(mergedStart) }, run);
  const shared = sharedColumns(expr, [scope.items.slice(start, middle), leftMerged], scope.items.slice(middle), run);
  if (shared.length > 0) run.operator("=", scope, run);
  if (shared.length > 0) mergeColumns(shared, start, mergedStart, scope);
  if (expr.alias?.aliasname || expr.join_using_alias) aliasJoin(expr, [start, mergedStart], scope, run);
  return computed(left, right, on);
}

/** Columns that USING or NATURAL make one; which a NATURAL join of an unknown relation cannot tell. */
function sharedColumns(
  expr: JoinExpr,
  [leftItems, leftMerged]: readonly [readonly ScopeItem[], readonly ScopeColumn[]],
  rightItems: readonly ScopeItem[],
  run: Run,
): ScopeColumn[] {
  const using = textsOf(expr.usingClause);
  const leftColumns = [...leftMerged, ...leftItems.flatMap((item) => item.columns)];
  const rightColumns = rightItems.flatMap((item) => item.columns);
  const inBoth = leftColumns.map((column) => column.name).filter((name) => rightColumns.some((c) => c.name === name));
  const names = expr.isNatural ? [...new Set(inBoth)] : using;
  if (expr.isNatural && [...leftItems, ...rightItems].some((item) => item.open)) {
    run.collector.doubt("a NATURAL JOIN with a relation whose columns are not known");
  }
  return names.map((name) => {
    const both = [...leftColumns, ...rightColumns].filter((column) => column.name === name);
    for (const item of [...leftItems, ...rightItems]) noteShared(item, name, run);
    return { name, origin: computed(...both.map((column) => column.origin)) };
  });
}

function noteShared(item: ScopeItem, name: string, run: Run): void {
  const own = item.columns.find((column) => column.name === name);
  if (own && item.table) run.collector.column("sql.read.select", item.table, own.stored ?? name, "filter");
}

function mergeColumns(shared: readonly ScopeColumn[], start: number, mergedStart: number, scope: Scope): void {
  const names = shared.map((column) => column.name);
  const earlier = scope.merged.splice(mergedStart).filter((column) => !names.includes(column.name));
  scope.merged.push(...shared, ...earlier);
  scope.items = scope.items.map((item, at) =>
    at < start ? item : { ...item, merged: new Set([...(item.merged ?? []), ...names]) },
  );
}

/** An alias on a join hides what is inside it. */
function aliasJoin(expr: JoinExpr, [start, mergedStart]: readonly [number, number], scope: Scope, run: Run): void {
  const inside = scope.items.slice(start);
  const merged = scope.merged.slice(mergedStart);
  const columns = [...merged, ...inside.flatMap((item) => item.columns.filter((c) => !item.merged?.has(c.name)))];
  const open = inside.some((item) => item.open);
  if (expr.alias?.aliasname) {
    scope.items.splice(start);
    scope.merged.splice(mergedStart);
    // Behind the alias their use can no longer be told apart: all count as read.
    for (const item of inside) wholeRow(item, run, "read");
    scope.items.push(renamed({ alias: expr.alias.aliasname, columns, open }, expr.alias));
  } else if (expr.join_using_alias?.aliasname) {
    scope.items.push({
      alias: expr.join_using_alias.aliasname,
      columns: merged,
      open: false,
      merged: new Set(merged.map((c) => c.name)),
    });
  }
}

function renamed(item: ScopeItem, alias: Alias | undefined): ScopeItem {
  if (!alias?.aliasname) return item;
  const names = textsOf(alias.colnames);
  const columns = item.columns.map((column, at) => {
    const name = names[at];
    return name === undefined ? column : { ...column, name, stored: column.stored ?? column.name };
  });
  return { ...item, alias: alias.aliasname, schema: undefined, columns };
}

function push(scope: Scope, item: ScopeItem): Origin {
  scope.items.push(item);
  return NOTHING;
}
