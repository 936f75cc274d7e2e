import { createHash } from "node:crypto";
import type { Catalogue, CatalogueChange, CatalogueFunction, CatalogueRelation, UnsureNames } from "../facts.ts";

const SURE: UnsureNames = {
  everything: false,
  code: false,
  extension: false,
  relations: new Set(),
  functions: new Set(),
  altered: new Set(),
};

/**
 * The catalogue after definitions that ran since it was loaded. What they may have changed is taken out or marked, never
 * guessed: a statement that names it is not understood. What they made for sure is put in. The wire's own provenance
 * (`relationByOid`) stays that of the load, so that a renamed column is still known by its number.
 */
export function afterChanges(catalogue: Catalogue, changes: readonly CatalogueChange[]): Catalogue {
  if (changes.length === 0) return catalogue;
  const before = catalogue.unsure ?? SURE;
  const relations = new Map(catalogue.relationByName);
  const functions = new Map(catalogue.functionsByName);
  const schemas = new Set(catalogue.schemas);
  const unsure = {
    everything: before.everything,
    code: before.code,
    extension: before.extension,
    relations: new Set(before.relations),
    functions: new Set(before.functions),
    altered: new Set(before.altered),
  };
  for (const change of changes) apply(change, { relations, functions, schemas, unsure });
  const kept = [...relations.values()];
  return Object.freeze({
    ...catalogue,
    version: versionAfter(catalogue.version, changes),
    relations: kept,
    relationByName: relations,
    functionsByName: functions,
    functions: [...functions.values()].flat(),
    schemas: [...schemas],
    unsure,
  });
}

interface Growing {
  readonly relations: Map<string, CatalogueRelation>;
  readonly functions: Map<string, readonly CatalogueFunction[]>;
  readonly schemas: Set<string>;
  readonly unsure: {
    everything: boolean;
    code: boolean;
    extension: boolean;
    readonly relations: Set<string>;
    readonly functions: Set<string>;
    readonly altered: Set<string>;
  };
}

function apply(change: CatalogueChange, { functions, relations, schemas, unsure }: Growing): void {
  if (change.kind === "everything" || change.kind === "code" || change.kind === "extension") unsure[change.kind] = true;
  else if (change.kind === "relations") {
    for (const name of change.names) unsure.relations.add(name);
    for (const [key, { name }] of relations) if (change.names.includes(name)) relations.delete(key);
  } else if (change.kind === "functions") {
    for (const name of change.names) unsure.functions.add(name);
    for (const key of functions.keys())
      if (change.names.some((name) => key.endsWith(`.${name}`))) functions.delete(key);
  } else if (change.kind === "altered") for (const name of change.relations) unsure.altered.add(name);
  else if (change.kind === "schema") schemas.add(change.name);
  else {
    const { name, oid, schema } = change.relation;
    // OIDs tell relations apart: below zero no other has it
    relations.set(`${schema}.${name}`, { ...change.relation, oid: oid > 0 ? oid : -1 - relations.size });
  }
}

/** Facts are kept by the catalogue's version. */
function versionAfter(version: string, changes: readonly CatalogueChange[]): string {
  return createHash("sha256").update(version).update(JSON.stringify(changes)).digest("base64url").slice(0, 22);
}
