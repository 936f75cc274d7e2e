import type { BundleResource } from "@sluice/bundle";
import { type EntityInput, type EntitySnapshot, type EntityUid, entityUid, value } from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { Catalogue, FactObject } from "../languages/facts.ts";
import { classesOf, type ResourceClasses } from "./classes.ts";

/** What policies decide about in one resource: the bundle's entities plus what the catalogue really holds. */
export interface Overlay {
  readonly entities: EntitySnapshot;
  readonly classes: ResourceClasses;
  readonly known: ReadonlySet<EntityUid>;
}

const overlays = new WeakMap<LoadedBundle, WeakMap<Catalogue, Map<string, Overlay>>>();

/** The overlay of (bundle, catalogue, resource), derived once. */
export function overlayOf(bundle: LoadedBundle, catalogue: Catalogue, resource: BundleResource): Overlay {
  let byCatalogue = overlays.get(bundle);
  if (!byCatalogue) overlays.set(bundle, (byCatalogue = new WeakMap()));
  let byResource = byCatalogue.get(catalogue);
  if (!byResource) byCatalogue.set(catalogue, (byResource = new Map()));
  const found = byResource.get(resource.id);
  if (found) return found;
  const made = derive(bundle, catalogue, resource);
  byResource.set(resource.id, made);
  return made;
}

/** The entity that a fact's object is in policy. */
export function objectUid(resource: BundleResource, object: FactObject): EntityUid {
  switch (object.kind) {
    case "database":
      return entityUid("Database", resource.name);
    case "schema":
      return entityUid("Schema", `${resource.name}/${object.name}`);
    case "table":
      return entityUid("Table", `${resource.name}/${object.schema}.${object.name}`);
    case "function":
      return entityUid("Function", `${resource.name}/${object.schema}.${object.name}`);
  }
}

/** Entities with one that the catalogue does not hold, so that policies on its schema and database still reach it. */
export function withObject(overlay: Overlay, resource: BundleResource, object: FactObject): EntitySnapshot {
  const uid = objectUid(resource, object);
  if (overlay.known.has(uid) || object.kind === "database") return overlay.entities;
  const schema = object.kind === "schema" ? object.name : object.schema;
  const inputs = [schemaEntity(resource, schema)];
  if (object.kind === "table") inputs.push(tableEntity(resource, { ...object, kind: "unknown" }, overlay.classes));
  else if (object.kind === "function") inputs.push(functionEntity(resource, { ...object, volatility: "volatile" }));
  return overlay.entities.with(inputs);
}

function derive(bundle: LoadedBundle, catalogue: Catalogue, resource: BundleResource): Overlay {
  const classes = classesOf(bundle.content, resource.id);
  const inputs = catalogue.schemas.map((schema) => schemaEntity(resource, schema));
  for (const relation of catalogue.relations) inputs.push(tableEntity(resource, relation, classes));
  for (const overloads of catalogue.functionsByName.values()) {
    // overloads share a name: the least harmless of them is what the name may do
    const worst = overloads.find(({ volatility }) => volatility === "volatile") ?? overloads[0];
    if (worst) inputs.push(functionEntity(resource, worst));
  }
  return { entities: bundle.entities.with(inputs), classes, known: new Set(inputs.map(({ uid }) => uid)) };
}

function schemaEntity(resource: BundleResource, name: string): EntityInput {
  const parents = [entityUid("Database", resource.name)];
  return { uid: entityUid("Schema", `${resource.name}/${name}`), attrs: { name: value.string(name) }, parents };
}

function tableEntity(
  resource: BundleResource,
  { schema, name, kind }: { readonly schema: string; readonly name: string; readonly kind: string },
  classes: ResourceClasses,
): EntityInput {
  const names = (classes.byTable.get(`${schema}.${name}`) ?? []).map(({ dataClass }) => value.string(dataClass));
  return {
    uid: entityUid("Table", `${resource.name}/${schema}.${name}`),
    attrs: {
      name: value.string(name),
      schema: value.string(schema),
      kind: value.string(kind),
      classes: value.set(names),
    },
    parents: [entityUid("Schema", `${resource.name}/${schema}`)],
  };
}

function functionEntity(
  resource: BundleResource,
  { schema, name, volatility }: { readonly schema: string; readonly name: string; readonly volatility: string },
): EntityInput {
  return {
    uid: entityUid("Function", `${resource.name}/${schema}.${name}`),
    attrs: { name: value.string(name), schema: value.string(schema), volatility: value.string(volatility) },
    parents: [entityUid("Schema", `${resource.name}/${schema}`)],
  };
}
