import type { Catalogue, CatalogueFunction, CatalogueRelation, SqlSessionSettings } from "../facts.ts";

/** Schemas in the order in which names are looked up, pg_catalog included where Postgres adds it. */
export type SearchPath = readonly string[];

/** Splits a search_path setting as Postgres does and puts pg_catalog where it is searched implicitly: first. */
export function searchPathOf(setting: string, role: string): SearchPath {
  const listed = splitIdentifiers(setting).map((name) => (name === "$user" ? role : name));
  return listed.includes("pg_catalog") ? listed : ["pg_catalog", ...listed];
}

/** The path of a session. */
export function sessionPath(settings: SqlSessionSettings): SearchPath {
  return searchPathOf(settings.searchPath, settings.role);
}

/** Splits `a, "B c", $user`: unquoted names fold to lower case, quotes double. */
export function splitIdentifiers(list: string): string[] {
  const names: string[] = [];
  for (const match of list.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)) {
    const quoted = match[1];
    names.push(quoted !== undefined ? quoted.replaceAll('""', '"') : (match[2] ?? "").toLowerCase());
  }
  return names;
}

/** True for the session's own temporary schema, however it is spelt. */
export function isTemporarySchema(schema: string): boolean {
  return schema === "pg_temp" || /^pg_(toast_)?temp_\d+$/.test(schema);
}

/** Finds a relation. Undefined when no schema on the path holds it, or when a temporary object may hide it. */
export function findRelation(
  catalogue: Catalogue,
  path: SearchPath,
  name: { readonly schema: string | undefined; readonly name: string },
  temporary: SqlSessionSettings["temporaryNames"],
): CatalogueRelation | undefined {
  if (catalogue.unsure?.relations.has(name.name)) return undefined;
  if (name.schema !== undefined) return catalogue.relationByName.get(`${name.schema}.${name.name}`);
  if (isHidden(name.name, temporary)) return undefined;
  for (const schema of path) {
    if (isTemporarySchema(schema)) continue;
    const found = catalogue.relationByName.get(`${schema}.${name.name}`);
    if (found) return found;
  }
  return undefined;
}

function isHidden(name: string, temporary: SqlSessionSettings["temporaryNames"]): boolean {
  if (temporary === undefined) return false;
  return temporary === "any" ? true : temporary.includes(name);
}

/**
 * All functions a call could mean: every schema on the path, not the first only, because Postgres chooses by argument
 * types. Temporary schemas are never searched for functions.
 */
export function findFunctions(
  catalogue: Catalogue,
  path: SearchPath,
  name: { readonly schema: string | undefined; readonly name: string },
): readonly CatalogueFunction[] {
  if (catalogue.unsure?.functions.has(name.name)) return [];
  const schemas = name.schema !== undefined ? [name.schema] : path;
  return schemas.flatMap((schema) => catalogue.functionsByName.get(`${schema}.${name.name}`) ?? []);
}

/** Whether a schema belongs to the server itself. */
export function isSystemSchema(schema: string): boolean {
  return schema === "pg_catalog" || schema === "information_schema";
}
