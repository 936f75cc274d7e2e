import type { AlterTableCmd } from "libpg-query";
import type { FactObject } from "../facts.ts";
import { Collector } from "./collector.ts";
import { expression } from "./expression.ts";
import { columnOrigin, computed, type Origin } from "./origin.ts";
import { childScope, type Run } from "./run.ts";

/** A table's columns go on under its new name, where the classes of the old one do not protect them. */
export function tableMoves(from: FactObject, into: { readonly schema: string; readonly name: string }, run: Run): void {
  const { name: table, schema } = from;
  for (const { name: column } of run.catalogue.relationByName.get(`${schema}.${table}`)?.columns ?? [])
    run.collector.move(columnOrigin({ schema, table, column }), { schema: into.schema, table: into.name, column });
}

/** ALTER COLUMN … TYPE … USING fills the column from whatever the expression names. Nobody reads it, so it is no read. */
export function columnFilled({ def, name }: AlterTableCmd, object: FactObject, run: Run): void {
  const using = def && "ColumnDef" in def ? def.ColumnDef.raw_default : undefined;
  const relation = run.catalogue.relationByName.get(`${object.schema}.${object.name}`);
  if (!using || !relation || name === undefined) return;
  const { name: table, schema } = relation;
  const columns = relation.columns.map((column) => ({
    name: column.name,
    origin: columnOrigin({ schema, table, column: column.name }),
  }));
  const scope = childScope(undefined);
  scope.items.push({ alias: table, columns, open: false });
  const aside = { ...run, collector: new Collector() };
  const origin: Origin = expression(using, scope, aside, "read");
  const all = computed(...columns.map((column) => column.origin));
  run.collector.move(origin.unknown ? all : origin, { schema, table, column: name });
}
