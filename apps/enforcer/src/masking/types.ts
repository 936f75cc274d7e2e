/** What a type's values look like on the wire, as far as hiding them goes. */
export type TypeFamily =
  | "text"
  | "char"
  | "int2"
  | "int4"
  | "int8"
  | "uuid"
  | "json"
  | "jsonb"
  | "xml"
  | "bytea"
  | "other";

/** Built-in type OIDs (pg_type.dat); they never change. Everything else is hidden as NULL, which fits every type. */
const FAMILIES: ReadonlyMap<number, TypeFamily> = new Map([
  [17, "bytea"],
  [18, "char"],
  [19, "text"],
  [20, "int8"],
  [21, "int2"],
  [23, "int4"],
  [25, "text"],
  [114, "json"],
  [142, "xml"],
  [705, "text"],
  [1042, "text"],
  [1043, "text"],
  [2950, "uuid"],
  [3802, "jsonb"],
]);

/** The family of a type by its OID. */
export function familyOf(typeOid: number): TypeFamily {
  return FAMILIES.get(typeOid) ?? "other";
}
