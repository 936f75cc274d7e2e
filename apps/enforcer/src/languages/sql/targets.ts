import type { Node, RangeVar } from "libpg-query";
import type { FactObject } from "../facts.ts";
import { DATABASE } from "./collector.ts";
import { findRelation, isTemporarySchema } from "./names.ts";
import type { Run } from "./run.ts";
import { tableObject } from "./run.ts";
import { qualified, textsOf } from "./tree.ts";

/** The schema in which an unqualified new object is made: the first of the path that exists. */
export function schemaForNew(schema: string | undefined, run: Run): string {
  if (schema) return schema;
  return run.path.find((name) => name !== "pg_catalog" && run.catalogue.schemas.includes(name)) ?? "public";
}

/** The object of a RangeVar for DDL: the relation if the catalogue holds it, else the name as written. */
export function relationObject(range: RangeVar | undefined, run: Run): FactObject {
  if (!range) return DATABASE;
  run.collector.visited.add(range);
  const name = { schema: range.schemaname || undefined, name: range.relname ?? "" };
  return namedObject(name, run);
}

/** The same for a dotted name. */
export function namedObject(
  name: { readonly schema: string | undefined; readonly name: string },
  run: Run,
): FactObject {
  const relation = findRelation(run.catalogue, run.path, name, run.settings.temporaryNames);
  if (relation) return tableObject(relation);
  if (name.schema === undefined && run.catalogue.unsure?.relations.has(name.name))
    run.collector.doubt(`an earlier statement may have changed what ${name.name} means`);
  if (name.schema !== undefined && isTemporarySchema(name.schema))
    return { kind: "table", schema: "pg_temp", name: name.name };
  return { kind: "table", schema: name.schema ?? schemaForNew(undefined, run), name: name.name };
}

/** What a DDL statement's object list names, by the kind of object it says they are. */
export function listedObject(node: Node, objectType: string, run: Run): FactObject {
  if ("RangeVar" in node) return relationObject(node.RangeVar, run);
  const parts = "List" in node ? textsOf(node.List.items) : textsOf([node]);
  if (objectType === "OBJECT_SCHEMA") return { kind: "schema", schema: "", name: parts.at(-1) ?? "" };
  if (RELATION_TYPES.has(objectType)) return namedObject(qualified(parts), run);
  // DROP TRIGGER t ON s: the last part is the trigger, what stands before it the table.
  if (ON_RELATION.has(objectType)) return namedObject(qualified(parts.slice(0, -1)), run);
  if (FUNCTION_TYPES.has(objectType)) return functionObject(node, run);
  return DATABASE;
}

const RELATION_TYPES = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SEQUENCE",
  "OBJECT_INDEX",
  "OBJECT_FOREIGN_TABLE",
]);
const ON_RELATION = new Set([
  "OBJECT_TRIGGER",
  "OBJECT_RULE",
  "OBJECT_POLICY",
  "OBJECT_TABCONSTRAINT",
  "OBJECT_COLUMN",
]);
const FUNCTION_TYPES = new Set(["OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"]);

/** The object of a function named in DDL. */
export function functionObject(node: Node, run: Run): FactObject {
  const parts =
    "ObjectWithArgs" in node ? textsOf(node.ObjectWithArgs.objname) : "List" in node ? textsOf(node.List.items) : [];
  const name = qualified(parts);
  const found = run.path.find((schema) => run.catalogue.functionsByName.has(`${schema}.${name.name}`));
  return { kind: "function", schema: name.schema ?? found ?? schemaForNew(undefined, run), name: name.name };
}
