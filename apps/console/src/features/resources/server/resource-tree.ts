import { readCatalogue } from "../catalogue.ts";
import type { ResourceDetail } from "../schemas.ts";
import type { StoredRow } from "./resource-view.ts";

/** The database's schemas with relations, columns and functions, each with the data classes set on it, all sorted by name. */
export function treeOf(stored: StoredRow): ResourceDetail["schemas"] {
  const tree = readCatalogue(stored.catalogue);
  const classes = classesOf(stored);
  const names = new Set([...tree.relations, ...tree.functions].map(({ schema }) => schema));
  return [...names].sort().map((schema) => ({
    name: schema,
    relations: tree.relations
      .filter((relation) => relation.schema === schema)
      .sort(byName)
      .map(({ name, kind, columns }) => ({
        name,
        kind,
        classes: classes.get(keyOf(schema, name, "*")) ?? [],
        columns: columns.map((column) => ({ ...column, classes: classes.get(keyOf(schema, name, column.name)) ?? [] })),
      })),
    functions: tree.functions
      .filter((fn) => fn.schema === schema)
      .sort(byName)
      .map(({ name, volatility }) => ({ name, volatility })),
  }));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function keyOf(schema: string, table: string, column: string): string {
  return JSON.stringify([schema, table, column]);
}

function classesOf(stored: StoredRow): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { schemaName, tableName, columnName, dataClass } of stored.classes) {
    const key = keyOf(schemaName, tableName, columnName);
    found.set(key, [...(found.get(key) ?? []), dataClass.name].sort());
  }
  return found;
}
