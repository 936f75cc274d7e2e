import type { CopyStmt, Node } from "libpg-query";
import type { CopyFacts } from "../facts.ts";
import { DATABASE } from "./collector.ts";
import { wholeRow } from "./columns.ts";
import { followWrite } from "./consequences.ts";
import { expression } from "./expression.ts";
import { storedItem } from "./from.ts";
import { NOTHING } from "./origin.ts";
import { childScope, noteUse, type QueryShape, type Run, type ScopeItem } from "./run.ts";
import { literalOf, textsOf } from "./tree.ts";

const NO_ROWS: QueryShape = { columns: [], open: false, filters: NOTHING };

/** COPY: bulk import, export, or a server file or program. */
export function copy(node: CopyStmt, run: Run): QueryShape {
  if (node.is_program || node.filename) run.collector.need("sql.admin.server", DATABASE);
  else run.collector.copy = copyFacts(node, run);
  if (node.query) return copyQuery(node.query, run);
  if (!node.relation) {
    run.collector.giveUp("COPY of nothing");
    return NO_ROWS;
  }
  return node.is_from ? copyIn(node, run) : copyOut(node, run);
}

/** COPY (query): the query's own needs, and the right to export what it reads. */
function copyQuery(query: Node, run: Run): QueryShape {
  const shape = run.statement(query, undefined, run);
  const reads = run.collector.accesses.values().filter((access) => access.action === "sql.read.select");
  for (const access of reads.toArray()) {
    const exported = run.collector.need("sql.read.export", access.object);
    for (const column of access.read) exported.read.add(column);
    for (const column of access.filtered) exported.filtered.add(column);
    for (const column of access.probed) exported.probed.add(column);
  }
  run.collector.need("sql.read.export", DATABASE);
  return shape;
}

function copyOut(node: CopyStmt, run: Run): QueryShape {
  if (!node.relation) return NO_ROWS;
  const item = storedItem(node.relation, run, "sql.read.export");
  if (item.table) run.collector.need("sql.read.export", item.table);
  const named = textsOf(node.attlist);
  const origins = chosen(item, named);
  for (const column of origins) noteUse(run, item, column.name, "read");
  if (item.open) wholeRow(item, run, "read");
  return { columns: origins, open: item.open, filters: NOTHING };
}

function chosen(item: ScopeItem, named: readonly string[]) {
  if (named.length === 0) return item.columns;
  return named.flatMap((name) => item.columns.filter((column) => column.name === name));
}

function copyIn(node: CopyStmt, run: Run): QueryShape {
  if (!node.relation) return NO_ROWS;
  const item = storedItem(node.relation, run, "sql.write.import");
  const table = item.table;
  if (!table) return NO_ROWS;
  run.collector.need("sql.write.import", table);
  const relation = run.catalogue.relationByName.get(`${table.schema}.${table.name}`);
  if (relation) followWrite(relation, "insert", undefined, run);
  const named = textsOf(node.attlist);
  for (const name of named.length > 0 ? named : item.columns.map((column) => column.name)) {
    run.collector.column("sql.write.import", table, name, "write");
  }
  const scope = childScope(undefined);
  scope.items.push(item);
  expression(node.whereClause, scope, run, "filter");
  return NO_ROWS;
}

/** How the rows look on the wire. An option that is not understood makes the statement opaque. */
function copyFacts(node: CopyStmt, run: Run): CopyFacts {
  const options = new Map<string, string | undefined>();
  for (const option of node.options ?? []) {
    if ("DefElem" in option) options.set(option.DefElem.defname ?? "", literalOf(option.DefElem.arg));
  }
  const named = options.get("format") ?? "text";
  const format = named === "csv" || named === "binary" ? named : "text";
  if (named !== format) run.collector.giveUp(`COPY format ${named} is not known`);
  const csv = format === "csv";
  const quote = options.get("quote") ?? '"';
  const header = options.has("header") && !["false", "off", "0"].includes(options.get("header") ?? "true");
  return {
    direction: node.is_from ? "in" : "out",
    format,
    delimiter: options.get("delimiter") ?? (csv ? "," : "\t"),
    nullText: options.get("null") ?? (csv ? "" : "\\N"),
    header,
    quote,
    escape: options.get("escape") ?? quote,
    ...(options.has("encoding") || run.collector.opaque ? { encoding: options.get("encoding") ?? "" } : {}),
  };
}
