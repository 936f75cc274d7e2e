import { type EntityInput, type EntityUid, entityUid, value } from "@sluice/policy-engine";

/**
 * A schema, table or function of a database that nobody described, as an enforcer makes it for an object that its catalogue does not
 * hold: with what its name says and nothing else. With what it is in, below the database; none for other types.
 */
export function plainObject({ type, id }: EntityUid): EntityInput[] {
  const [, database, schema, name] = /^([^/]+)\/([^.]+)(?:\.(.+))?$/.exec(id) ?? [];
  if (database === undefined || schema === undefined) return [];
  const schemaUid = entityUid("Schema", `${database}/${schema}`);
  const above = { uid: schemaUid, attrs: { name: value.string(schema) }, parents: [entityUid("Database", database)] };
  if (type === "Schema" && name === undefined) return [above];
  if ((type !== "Table" && type !== "Function") || name === undefined) return [];
  const named = { name: value.string(name), schema: value.string(schema) };
  const more =
    type === "Table"
      ? { kind: value.string("table"), classes: value.set([]) }
      : { volatility: value.string("volatile") };
  return [above, { uid: entityUid(type, id), attrs: { ...named, ...more }, parents: [schemaUid] }];
}
