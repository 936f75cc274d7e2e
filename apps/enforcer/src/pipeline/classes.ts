import type { BundleContent } from "@sluice/bundle";
import type { MaskStrategy } from "@sluice/policy-engine";
import type { FactObject, StatementFacts } from "../languages/facts.ts";

/** A column and one data class that it carries. */
export interface ClassifiedColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly dataClass: string;
}

/** The data classes of one resource's columns, from one bundle. */
export interface ResourceClasses {
  readonly all: readonly ClassifiedColumn[];
  readonly byTable: ReadonlyMap<string, readonly ClassifiedColumn[]>;
  readonly strategies: ReadonlyMap<string, MaskStrategy>;
}

/** Indexes a bundle's column classes for one resource. */
export function classesOf(content: BundleContent, resourceId: string): ResourceClasses {
  const all: ClassifiedColumn[] = [];
  const byTable = new Map<string, ClassifiedColumn[]>();
  for (const { classes, column, resourceId: owner, schema, table } of content.columnClasses) {
    if (owner !== resourceId) continue;
    for (const dataClass of classes) {
      const entry = { schema, table, column, dataClass };
      all.push(entry);
      const key = `${schema}.${table}`;
      const known = byTable.get(key);
      if (known) known.push(entry);
      else byTable.set(key, [entry]);
    }
  }
  return { all, byTable, strategies: new Map(content.dataClasses.map(({ name, strategy }) => [name, strategy])) };
}

/** Those of a table's classified columns that a list of column names covers; "*" on either side covers all. */
export function covered(
  classes: ResourceClasses,
  object: FactObject,
  columns: readonly string[],
): readonly ClassifiedColumn[] {
  if (object.kind !== "table" || columns.length === 0) return [];
  const known = classes.byTable.get(`${object.schema}.${object.name}`) ?? [];
  if (columns.includes("*")) return known;
  return known.filter(({ column }) => column === "*" || columns.includes(column));
}

/** Every classified column whose values this statement may read. What is not understood may read all of them. */
export function classifiedReads(classes: ResourceClasses, facts: StatementFacts): readonly ClassifiedColumn[] {
  if (facts.unparsed || facts.opaque || facts.dynamic || facts.readsAnyClass) return classes.all;
  const found = new Set<ClassifiedColumn>();
  const add = (schema: string, name: string, columns: readonly string[]) => {
    for (const column of covered(classes, { kind: "table", schema, name }, columns)) found.add(column);
  };
  for (const { columnsRead, object } of facts.accesses) add(object.schema, object.name, columnsRead);
  for (const { sources } of facts.lineage === "unknown" ? [] : (facts.lineage ?? []))
    for (const source of sources) add(source.schema, source.table, [source.column]);
  return [...found];
}
