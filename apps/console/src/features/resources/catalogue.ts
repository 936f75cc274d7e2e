import { z } from "zod";

/** What an enforcer reports of a database: names and types, never rows. Anything else in it is ignored. */
const catalogueSchema = z.object({
  relations: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      kind: z.string(),
      columns: z.array(z.object({ name: z.string(), typeOid: z.number().int() })),
    }),
  ),
  functions: z.array(z.object({ schema: z.string(), name: z.string(), volatility: z.string() })).default([]),
});

/** One relation of a catalogue. */
export interface CatalogueRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** A database's own objects, without the server's. */
export interface CatalogueTree {
  readonly relations: readonly CatalogueRelation[];
  readonly functions: readonly { readonly schema: string; readonly name: string; readonly volatility: string }[];
}

const shownKinds: ReadonlySet<string> = new Set(["table", "view", "materialized_view", "foreign_table"]);

/** Reads a stored catalogue; none yet, or one of a form that this version does not know, is an empty tree. */
export function readCatalogue(stored: unknown): CatalogueTree {
  const parsed = catalogueSchema.safeParse(stored);
  if (!parsed.success) return { relations: [], functions: [] };
  const { relations, functions } = parsed.data;
  return {
    relations: relations
      .filter(({ schema, kind }) => !isSystemSchema(schema) && shownKinds.has(kind))
      .map(({ columns, ...relation }) => ({
        ...relation,
        columns: columns.map(({ name, typeOid }) => ({ name, type: typeNames.get(typeOid) ?? `type ${typeOid}` })),
      })),
    functions: functions.filter(({ schema }) => !isSystemSchema(schema)),
  };
}

/** `public.customers` for each relation of a stored catalogue, sorted. */
export function relationNames(stored: unknown): string[] {
  return readCatalogue(stored)
    .relations.map(({ schema, name }) => `${schema}.${name}`)
    .sort();
}

function isSystemSchema(schema: string): boolean {
  return schema === "information_schema" || schema.startsWith("pg_");
}

/** PostgreSQL's fixed type numbers (pg_type.dat); a database's own types have others. */
const typeNames: ReadonlyMap<number, string> = new Map([
  [16, "boolean"],
  [17, "bytea"],
  [18, '"char"'],
  [19, "name"],
  [20, "bigint"],
  [21, "smallint"],
  [23, "integer"],
  [25, "text"],
  [26, "oid"],
  [114, "json"],
  [142, "xml"],
  [600, "point"],
  [650, "cidr"],
  [700, "real"],
  [701, "double precision"],
  [790, "money"],
  [829, "macaddr"],
  [869, "inet"],
  [1000, "boolean[]"],
  [1005, "smallint[]"],
  [1007, "integer[]"],
  [1009, "text[]"],
  [1014, "character[]"],
  [1015, "character varying[]"],
  [1016, "bigint[]"],
  [1021, "real[]"],
  [1022, "double precision[]"],
  [1042, "character"],
  [1043, "character varying"],
  [1082, "date"],
  [1083, "time"],
  [1114, "timestamp"],
  [1182, "date[]"],
  [1184, "timestamp with time zone"],
  [1185, "timestamp with time zone[]"],
  [1186, "interval"],
  [1231, "numeric[]"],
  [1266, "time with time zone"],
  [1560, "bit"],
  [1562, "bit varying"],
  [1700, "numeric"],
  [2950, "uuid"],
  [2951, "uuid[]"],
  [3614, "tsvector"],
  [3802, "jsonb"],
  [3807, "jsonb[]"],
  [3904, "int4range"],
  [3908, "tsrange"],
  [3910, "tstzrange"],
  [3912, "daterange"],
]);
