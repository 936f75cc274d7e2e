import type { IntoClause, Node } from "libpg-query";
import { callOperator, callType } from "./calls.ts";
import { tableOfRows } from "./changed-tables.ts";
import { expression } from "./expression.ts";
import { insert, merge, remove, update } from "./modify.ts";
import { computed, NOTHING } from "./origin.ts";
import { childScope, type QueryShape, type Run, type Scope, tableObject } from "./run.ts";
import { selectQuery } from "./select.ts";
import { schemaForNew } from "./targets.ts";
import { doubtBehind } from "./unsure.ts";
import { utility } from "./utility.ts";
import { openView } from "./views.ts";

/** The functions that the parts of the analysis reach each other by. */
export const ANALYSIS: Pick<Run, "query" | "statement" | "view" | "into" | "operator" | "type"> = {
  query: selectQuery,
  statement: anyStatement,
  view: openView,
  into: makeTable,
  operator: callOperator,
  type: callType,
};

/** Analyses any statement: queries and writes here, everything else in `utility`. Total. */
export function anyStatement(node: Node, parent: Scope | undefined, run: Run): QueryShape {
  const doubt = run.catalogue.unsure && doubtBehind(run.catalogue.unsure, node);
  if (doubt !== undefined) run.collector.giveUp(doubt);
  if ("SelectStmt" in node) return run.query(node.SelectStmt, parent, run);
  if ("InsertStmt" in node) return insert(node.InsertStmt, parent, run);
  if ("UpdateStmt" in node) return update(node.UpdateStmt, parent, run);
  if ("DeleteStmt" in node) return remove(node.DeleteStmt, parent, run);
  if ("MergeStmt" in node) return merge(node.MergeStmt, parent, run);
  if ("ReturnStmt" in node) {
    const scope = childScope(parent);
    const origin = expression(node.ReturnStmt.returnval, scope, run, "read");
    return { columns: [{ name: "return", origin }], open: false, filters: NOTHING };
  }
  return utility(node, run);
}

/** SELECT INTO and CREATE TABLE AS: the result is stored under a new name. */
export function makeTable(into: IntoClause, shape: QueryShape, run: Run): void {
  const name = into.rel?.relname ?? "";
  if (into.rel) run.collector.visited.add(into.rel);
  const temporary = into.rel?.relpersistence === "t" || (into.rel?.schemaname ?? "").startsWith("pg_temp");
  if (temporary) run.collector.temporary.add(name);
  const schema = temporary ? "pg_temp" : schemaForNew(into.rel?.schemaname, run);
  run.collector.changesCatalogue = true;
  const known = shape.open || into.colNames || !into.rel ? undefined : shape.columns.map((column) => column.name);
  if (into.rel && !temporary) run.collector.redefines.push(...tableOfRows(into.rel, known, run));
  run.collector.need("sql.ddl.create", { kind: "schema", schema: "", name: schema });
  for (const column of shape.columns) {
    run.collector.persist({ schema, table: name, column: column.name }, computed(column.origin));
  }
  if (shape.open) run.collector.doubt("a table is made of columns that are not known");
  const existing = run.catalogue.relationByName.get(`${schema}.${name}`);
  if (existing) run.collector.need("sql.ddl.create", tableObject(existing));
}
