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
  | "numeric"
  | "date"
  | "timestamp"
  | "timestamptz"
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
  [1082, "date"],
  [1114, "timestamp"],
  [1184, "timestamptz"],
  [1700, "numeric"],
  [2950, "uuid"],
  [3802, "jsonb"],
]);

/** The family of a type by its OID. */
export function familyOf(typeOid: number): TypeFamily {
  return FAMILIES.get(typeOid) ?? "other";
}

/** Array types and the types of their elements. */
const ELEMENTS: ReadonlyMap<number, number> = new Map([
  [143, 142],
  [199, 114],
  [1001, 17],
  [1002, 18],
  [1003, 19],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1115, 1114],
  [1182, 1082],
  [1185, 1184],
  [1231, 1700],
  [2951, 2950],
  [3807, 3802],
]);

/** The element type of a built-in array type; undefined for every other type. */
export function elementTypeOf(typeOid: number): number | undefined {
  return ELEMENTS.get(typeOid);
}
