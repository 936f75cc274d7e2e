import type { OrgTx } from "@sluice/db";
import { unwrap } from "@sluice/kernel";
import {
  createSnapshot,
  type EntityInput,
  type EntitySnapshot,
  type EntityUid,
  entityFromCedarJson,
  entityUid,
  value,
} from "@sluice/policy-engine";
import { gatherEntities } from "../../../bundles/index.ts";
import { readCatalogue } from "../../../resources/catalogue.ts";

/** A column and its data classes; "*" is every column. */
interface ColumnClasses {
  readonly column: string;
  readonly dataClass: string;
}

/** What is known of one connected database while its records are decided again. */
export interface ReplayDatabase {
  /** `public.customers` → its classified columns */
  readonly classes: ReadonlyMap<string, readonly ColumnClasses[]>;
  readonly kinds: ReadonlyMap<string, string>;
  readonly volatilities: ReadonlyMap<string, string>;
}

/** The entities of one site as they are now, growing by the objects that records name. */
export class ReplaySite {
  readonly #databases: ReadonlyMap<string, ReplayDatabase>;
  #entities: EntitySnapshot;

  constructor(entities: EntitySnapshot, databases: ReadonlyMap<string, ReplayDatabase>) {
    this.#entities = entities;
    this.#databases = databases;
  }

  get entities(): EntitySnapshot {
    return this.#entities;
  }

  has(uid: EntityUid): boolean {
    return this.#entities.has(uid);
  }

  database(name: string): ReplayDatabase | undefined {
    return this.#databases.get(name);
  }

  /** Adds the schemas, tables and functions among these that are not known yet, with what the catalogue says of them. */
  know(objects: Iterable<{ readonly type: string; readonly id: string }>): void {
    const added = new Map<string, EntityInput>();
    for (const { type, id } of objects) {
      if (type !== "Table" && type !== "Function" && type !== "Schema") continue;
      for (const entity of objectEntities(type, id, this.#databases)) {
        if (!this.#entities.has(entity.uid)) added.set(`${entity.uid.type} ${entity.uid.id}`, entity);
      }
    }
    if (added.size > 0) this.#entities = this.#entities.with(added.values());
  }
}

/** `shop`, `public` and `customers` of `shop/public.customers`. */
export function objectName(id: string): { database: string; schema: string; name: string } {
  const slash = id.indexOf("/");
  if (slash < 0) return { database: id, schema: "", name: "" };
  const dot = id.indexOf(".", slash);
  const schema = id.slice(slash + 1, dot < 0 ? undefined : dot);
  return { database: id.slice(0, slash), schema, name: dot < 0 ? "" : id.slice(dot + 1) };
}

function objectEntities(
  type: "Table" | "Function" | "Schema",
  id: string,
  databases: ReadonlyMap<string, ReplayDatabase>,
): EntityInput[] {
  const { database, name, schema } = objectName(id);
  const known = databases.get(database);
  const schemaUid = entityUid("Schema", `${database}/${schema}`);
  const above = {
    uid: schemaUid,
    attrs: { name: value.string(schema) },
    parents: [entityUid("Database", database)],
  };
  if (type === "Schema") return [above];
  const full = `${schema}.${name}`;
  const attrs = { name: value.string(name), schema: value.string(schema) };
  const more =
    type === "Function"
      ? { volatility: value.string(known?.volatilities.get(full) ?? "volatile") }
      : {
          kind: value.string(known?.kinds.get(full) ?? "unknown"),
          classes: value.set((known?.classes.get(full) ?? []).map(({ dataClass }) => value.string(dataClass))),
        };
  return [above, { uid: entityUid(type, id), attrs: { ...attrs, ...more }, parents: [schemaUid] }];
}

/**
 * Every site of the org as policies see it now, by id. Grants that ended after `from` are there, as policies compare them
 * with the time of the exchange; people, groups and tags are today's.
 */
export async function readReplaySites(
  tx: OrgTx,
  org: { readonly id: string; readonly slug: string },
  from: Date,
): Promise<ReadonlyMap<string, ReplaySite>> {
  const sites = new Map<string, ReplaySite>();
  for (const { id, slug } of await tx.site.findMany({ orderBy: { slug: "asc" } })) {
    const place = { orgId: org.id, orgSlug: org.slug, siteId: id, siteSlug: slug };
    const stored = await gatherEntities(tx, place, from);
    const snapshot = createSnapshot(stored.map((entity) => unwrap(entityFromCedarJson(entity))));
    sites.set(id, new ReplaySite(snapshot, await readDatabases(tx, id)));
  }
  return sites;
}

async function readDatabases(tx: OrgTx, siteId: string): Promise<ReadonlyMap<string, ReplayDatabase>> {
  const resources = await tx.resource.findMany({
    where: { siteId },
    include: { classes: { include: { dataClass: true } } },
  });
  return new Map(
    resources.map(({ name, catalogue, classes: columns }) => {
      const { functions, relations } = readCatalogue(catalogue);
      const classes = new Map<string, ColumnClasses[]>();
      for (const { columnName: column, dataClass, schemaName, tableName } of columns) {
        const table = `${schemaName}.${tableName}`;
        classes.set(table, [...(classes.get(table) ?? []), { column, dataClass: dataClass.name }]);
      }
      const kinds = new Map(relations.map(({ kind, name: relation, schema }) => [`${schema}.${relation}`, kind]));
      const volatilities = new Map(functions.map((each) => [`${each.schema}.${each.name}`, each.volatility]));
      return [name, { classes, kinds, volatilities }];
    }),
  );
}
