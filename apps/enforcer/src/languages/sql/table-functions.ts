import type { Alias, JsonTable, Node, RangeFunction, RangeTableFunc } from "libpg-query";
import { renamed } from "./alias.ts";
import { type Call, callShape } from "./calls.ts";
import { everyChild, expression } from "./expression.ts";
import { findFunctions } from "./names.ts";
import { computed, NOTHING, type Origin } from "./origin.ts";
import type { QueryShape, Run, Scope, ScopeColumn, ScopeItem } from "./run.ts";
import { literalOf, qualified, textsOf } from "./tree.ts";

/** Functions in FROM. */
export function functionItem(range: RangeFunction, scope: Scope, run: Run): ScopeItem {
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
    open ||= (shape.open || shape.anyResult === true) && defined.length === 0;
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
    named: args.some((arg) => "NamedArgExpr" in arg),
    literals: args.map((arg) => literalOf(arg)),
  };
  // How many rows there are depends on them.
  for (const origin of described.origins) run.collector.filteredBy(origin);
  const shape = callShape(described, scope, run);
  if (!unnestsScalars(described, args, run)) return shape;
  return {
    ...shape,
    columns: [{ name: "unnest", origin: computed(...described.origins) }],
    open: false,
    anyResult: false,
  };
}

/** Types of the server whose values have no fields of their own. */
const SCALARS = new Set(
  "bool char float4 float8 int2 int4 int8 name numeric oid regclass text uuid varchar".split(" "),
);

/** unnest() of `'{…}'::pg_catalog.oid[]` and the like gives one column: the array holds no rows that could give more. */
function unnestsScalars({ name }: Call, args: readonly Node[], run: Run): boolean {
  const [only, ...others] = args;
  if (name.name !== "unnest" || !only || others.length > 0 || !("TypeCast" in only)) return false;
  const [schema, type, ...more] = textsOf(only.TypeCast.typeName?.names);
  if (schema !== "pg_catalog" || more.length > 0 || !only.TypeCast.typeName?.arrayBounds) return false;
  const called = findFunctions(run.catalogue, run.path, name);
  return SCALARS.has(type ?? "") && called.every((one) => one.schema === "pg_catalog");
}

/** How many rows a document gives tells of what is in it. */
function tellsItsRows(content: Origin, run: Run): void {
  run.collector.filteredBy(content);
  run.collector.correlate(content);
}

/** XMLTABLE: every column comes from the document. */
export function xmlTable(range: RangeTableFunc, scope: Scope, run: Run): ScopeItem {
  const content = computed(
    expression(range.rowexpr, scope, run, "read"),
    expression(range.docexpr, scope, run, "read"),
    everyChild(range.namespaces, scope, run, "read"),
  );
  tellsItsRows(content, run);
  const columns = (range.columns ?? []).flatMap((column): ScopeColumn[] => {
    if (!("RangeTableFuncCol" in column)) return [];
    const own = everyChild([column.RangeTableFuncCol.colexpr, column.RangeTableFuncCol.coldefexpr], scope, run, "read");
    return [{ name: column.RangeTableFuncCol.colname ?? "", origin: computed(content, own) }];
  });
  return renamed({ alias: "xmltable", columns, open: false }, range.alias);
}

/** JSON_TABLE: every column comes from the document. */
export function jsonTable(range: JsonTable, scope: Scope, run: Run): ScopeItem {
  const content = everyChild([range.context_item, range.passing, range.on_error], scope, run, "read");
  tellsItsRows(content, run);
  const columns = jsonColumns(range.columns, content, scope, run);
  return renamed({ alias: "json_table", columns, open: false }, range.alias);
}

/** A column's defaults can call functions of their own; that it fails on what it does not find tells of the document. */
function jsonColumns(nodes: readonly Node[] | undefined, content: Origin, scope: Scope, run: Run): ScopeColumn[] {
  return (nodes ?? []).flatMap((node): ScopeColumn[] => {
    if (!("JsonTableColumn" in node)) return [];
    const column = node.JsonTableColumn;
    const own = everyChild([column.on_empty, column.on_error, column.typeName], scope, run, "read");
    if (column.coltype === "JTC_NESTED") return jsonColumns(column.columns, content, scope, run);
    return [{ name: column.name ?? "", origin: computed(content, own) }];
  });
}
