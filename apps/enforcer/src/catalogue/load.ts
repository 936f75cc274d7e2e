import { createHash } from "node:crypto";
import type { Catalogue, CatalogueColumn, CatalogueFunction, CatalogueRelation } from "../languages/facts.ts";
import { cascadesFrom, triggersFrom } from "./consequences.ts";
import * as queries from "./queries.ts";

/** Runs one query on the upstream and gives all rows as text. All calls of one load must reach the same connection. */
export type CatalogueQuery = (sql: string) => Promise<readonly Row[]>;

type Row = readonly (string | null)[];

/** The rows that a catalogue is made of. */
export interface CatalogueRows {
  readonly relations: readonly Row[];
  readonly columns: readonly Row[];
  readonly functions: readonly Row[];
  readonly schemas: readonly Row[];
  readonly operators: readonly Row[];
  readonly casts: readonly Row[];
  readonly domainChecks: readonly Row[];
  /** this and the next are absent in rows that were kept before they were asked for */
  readonly unaskedCasts?: readonly Row[];
  readonly customSettings?: readonly Row[];
}

/**
 * Loads what the connected database holds in one snapshot. The connection must be outside a transaction. Rejects with
 * whatever the query rejects with; the transaction is then left for the caller to end (close the connection).
 */
export async function loadCatalogue(query: CatalogueQuery): Promise<Catalogue> {
  return catalogueFrom(await readCatalogueRows(query));
}

/** The rows of `loadCatalogue`, which make the same catalogue again wherever they are kept. */
export async function readCatalogueRows(query: CatalogueQuery): Promise<CatalogueRows> {
  await query(queries.BEGIN);
  const rows = await readRows(query);
  await query(queries.END);
  return rows;
}

/**
 * Loads what a session sees in the middle of its own transaction, what it changed itself included. The connection must be
 * inside of a transaction block that has not failed; it is left as it was. Rejects when a query does: then the
 * transaction has failed unless `query` can still end the savepoint.
 */
export async function loadWithinTransaction(query: CatalogueQuery): Promise<Catalogue> {
  await query(queries.BEGIN_WITHIN);
  try {
    return catalogueFrom(await readRows(query));
  } finally {
    await query(queries.END_WITHIN);
  }
}

async function readRows(query: CatalogueQuery): Promise<CatalogueRows> {
  return {
    relations: await query(queries.RELATIONS),
    columns: await query(queries.COLUMNS),
    functions: await query(queries.FUNCTIONS),
    schemas: await query(queries.SCHEMAS),
    operators: await query(queries.OPERATORS),
    casts: await query(queries.CASTS),
    domainChecks: await query(queries.DOMAIN_CHECKS),
    unaskedCasts: await query(queries.UNASKED_CASTS),
    customSettings: await query(queries.CUSTOM_SETTINGS),
  };
}

/** A short text that changes when the catalogue may have changed. Costs a few milliseconds upstream. */
export async function catalogueFingerprint(query: CatalogueQuery): Promise<string> {
  const rows = await query(queries.FINGERPRINT);
  return rows[0]?.[0] ?? "";
}

/** Builds the catalogue from its rows. */
export function catalogueFrom(rows: CatalogueRows): Catalogue {
  // rows that were kept before types' oids were asked for have none
  const typeChecks = grouped(byTypeOid(rows.domainChecks));
  const unaskedCasts = rows.unaskedCasts ?? [];
  const making = grouped([...byTypeOid(rows.domainChecks), ...byTypeOid(unaskedCasts)]);
  const relations = relationsFrom(rows, making, grouped(byTypeOid(unaskedCasts)));
  const byType = new Map(rows.relations.map((row) => [row[7] ?? "", Number(row[0])]));
  const relationByOid = new Map(relations.map((relation) => [relation.oid, relation]));
  const functions = rows.functions.map((row) =>
    functionFrom(row, relationByOid.get(byType.get(row[12] ?? "") ?? -1), making),
  );
  return Object.freeze({
    version: digest(rows),
    relations,
    functions,
    relationByOid,
    relationByName: new Map(relations.map((relation) => [`${relation.schema}.${relation.name}`, relation])),
    functionsByName: Map.groupBy(functions, (each) => `${each.schema}.${each.name}`),
    schemas: rows.schemas.map((row) => row[0] ?? ""),
    operators: grouped(rows.operators.map((row) => [row[0] ?? "", `${row[1]}.${row[2]}`])),
    typeFunctions: grouped([
      ...rows.casts.filter(isSaid).map((row) => [row[1] ?? "", `${row[3]}.${row[4]}`] as const),
      ...[...rows.domainChecks, ...unaskedCasts].map((row) => [row[0] ?? "", `${row[1]}.${row[2]}`] as const),
    ]),
    typeChecks,
    implicitCasts: grouped([...byTypeOid(unaskedCasts), ...castsOfServerTypes(rows)]),
    ...(rows.customSettings ? { customSettings: customSettingsFrom(rows.customSettings) } : {}),
  });
}

/** Libraries that can be loaded without being an extension of that name. */
const LIBRARIES = ["auto_explain", "plpgsql", "plperl", "plpython", "plpython3", "pltcl"];

function customSettingsFrom(rows: readonly Row[]): NonNullable<Catalogue["customSettings"]> {
  const named = (kind: string) => rows.filter((row) => row[0] === kind).map((row) => row[1] ?? "*");
  const read = new Set(named("r"));
  return { read: read.has("*") ? "any" : read, prefixes: new Set([...LIBRARIES, ...named("p")]) };
}

const RELATION_KINDS: Readonly<Record<string, CatalogueRelation["kind"]>> = {
  r: "table",
  p: "table",
  v: "view",
  m: "materialized_view",
  f: "foreign_table",
  S: "sequence",
};

function byTypeOid(rows: readonly Row[]): (readonly [number, string])[] {
  return rows.flatMap((row) => (row[3] ? [[Number(row[3]), `${row[1]}.${row[2]}`] as const] : []));
}

/** A cast from a type that is not the server's to one that is: no name says it, the type that it leads from does. */
function isSaid([source, , , , , target]: Row): boolean {
  return !target || Number(target) >= FIRST_USER_OID || Number(source) < FIRST_USER_OID;
}

/** Objects with smaller OIDs came with the server. */
const FIRST_USER_OID = 16_384;

/**
 * Unasked casts that lead from a type of the server. Where they lead to one that is not the server's, that one has to be
 * there for them to happen; else any value of the first may meet them.
 */
function castsOfServerTypes({ casts, unaskedCasts }: CatalogueRows): (readonly [number, string])[] {
  const told = new Set((unaskedCasts ?? []).map((row) => row[0]));
  return casts
    .filter((row) => row[2] === "i" && !told.has(row[1] ?? "") && isSaid(row))
    .map((row) => [Number(row[0]), `${row[3]}.${row[4]}`] as const);
}

/** What making values of types calls, by the types' OIDs. */
type TypeChecks = ReadonlyMap<number, readonly string[]>;

function relationsFrom(rows: CatalogueRows, typeChecks: TypeChecks, casts: TypeChecks): CatalogueRelation[] {
  const columns = new Map<string, CatalogueColumn[]>();
  for (const [oid, name, number, typeOid, generated] of rows.columns) {
    const column = {
      name: name ?? "",
      number: Number(number),
      typeOid: Number(typeOid),
      ...(generated ? { generatedFrom: texts(generated) } : {}),
    };
    const list = columns.get(oid ?? "");
    if (list) list.push(column);
    else columns.set(oid ?? "", [column]);
  }
  return rows.relations.map((row) => {
    const [oid, schema, name, kind, definition, parents, triggers, , rules, writing, reading, cascades, consulted] =
      row;
    const made = (columns.get(oid ?? "") ?? []).flatMap(({ typeOid }) => typeChecks.get(typeOid) ?? []);
    const writeFunctions = [...new Set([...texts(writing), ...made])];
    const rowCasts = casts.get(Number(row[7]));
    return {
      oid: Number(oid),
      schema: schema ?? "",
      name: name ?? "",
      kind: RELATION_KINDS[kind ?? ""] ?? "other",
      columns: columns.get(oid ?? "") ?? [],
      ...(definition === null || definition === undefined ? {} : { definition }),
      ...(parents ? { parents: texts(parents) } : {}),
      ...(rules === "t" ? { rules: true } : {}),
      ...(triggers ? { triggers: triggersFrom(triggers) } : {}),
      ...(writeFunctions.length > 0 ? { writeFunctions } : {}),
      ...(rowCasts ? { rowCasts } : {}),
      ...(reading ? { policyFunctions: texts(reading) } : {}),
      ...(cascades ? { cascades: cascadesFrom(cascades) } : {}),
      ...(consulted ? { policyRelations: texts(consulted) } : {}),
    };
  });
}

const VOLATILITIES: Readonly<Record<string, CatalogueFunction["volatility"]>> = { i: "immutable", s: "stable" };
const FUNCTION_KINDS: Readonly<Record<string, CatalogueFunction["kind"]>> = {
  p: "procedure",
  a: "aggregate",
  w: "window",
};
/** record, anyelement, anynonarray, anycompatible, anycompatiblenonarray */
const ANY_RESULTS = new Set(["2249", "2283", "2776", "5077", "5079"]);
/** Settings of a function's own under which its text means something else. */
const ALTERING = /^(standard_conforming_strings|role|session_authorization)=/;
/** Modes of arguments that a caller gives. */
const INPUT_MODES = new Set(["i", "b", "v"]);

function functionFrom(row: Row, resultRow: CatalogueRelation | undefined, typeChecks: TypeChecks): CatalogueFunction {
  const [oid, schema, name, language, volatility, definer, set, count, source, kind, names, modes, , settings] = row;
  const argumentNames = texts(names);
  const argumentModes = texts(modes);
  const inputs =
    argumentModes.length === 0
      ? argumentNames
      : argumentNames.filter((_, at) => INPUT_MODES.has(argumentModes[at] ?? ""));
  const declared = argumentNames.filter((_, at) => ["o", "b", "t"].includes(argumentModes[at] ?? ""));
  const columns = declared.length > 0 ? declared : resultRow?.columns.map((column) => column.name);
  const path = texts(settings).find((setting) => setting.startsWith("search_path="));
  const alters = texts(settings).some((setting) => ALTERING.test(setting));
  const [owner, defaults, types] = row.slice(14);
  const checks = new Set([row[12] ?? "", ...texts(types)].flatMap((type) => typeChecks.get(Number(type)) ?? []));
  return {
    oid: Number(oid),
    schema: schema ?? "",
    name: name ?? "",
    language: language ?? "",
    volatility: VOLATILITIES[volatility ?? ""] ?? "volatile",
    securityDefiner: definer === "t",
    returnsSet: set === "t",
    argumentCount: Number(count),
    ...(source === null || source === undefined ? {} : { source }),
    kind: FUNCTION_KINDS[kind ?? ""] ?? "function",
    ...(inputs.length > 0 ? { argumentNames: inputs } : {}),
    ...(columns === undefined && ANY_RESULTS.has(row[12] ?? "") ? { anyResult: true } : {}),
    ...(columns && columns.length > 0 ? { resultColumns: columns } : {}),
    ...(path === undefined ? {} : { searchPath: path.slice("search_path=".length) }),
    ...(alters ? { altersMeaning: true } : {}),
    ...(owner ? { owner } : {}),
    ...(defaults ? { defaults } : {}),
    ...(checks.size > 0 ? { checks: [...checks] } : {}),
  };
}

/** A JSON array of texts, as the queries give lists. */
function texts(json: string | null | undefined): string[] {
  if (!json) return [];
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.map((item) => (typeof item === "string" ? item : "")) : [];
}

function grouped<K>(pairs: readonly (readonly [K, string])[]): ReadonlyMap<K, readonly string[]> {
  const groups = new Map<K, string[]>();
  for (const [key, name] of pairs) {
    const list = groups.get(key);
    if (!list) groups.set(key, [name]);
    else if (!list.includes(name)) list.push(name);
  }
  return groups;
}

function digest(rows: CatalogueRows): string {
  const hash = createHash("sha256");
  for (const [name, list] of Object.entries(rows)) hash.update(name).update(JSON.stringify(list));
  return hash.digest("base64url").slice(0, 22);
}
