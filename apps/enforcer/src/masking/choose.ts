import type { MaskStrategy } from "@sluice/policy-engine";
import type { Catalogue, CatalogueRelation, OutputLineage, SourceColumn } from "../languages/facts.ts";
import type { HiddenColumn, MaskDemand, WireField } from "./contract.ts";

/** How one output column is hidden. */
export interface Choice {
  readonly strategy: MaskStrategy;
  /** "unknown" where the origin could not be told */
  readonly dataClass: string;
  /** whether there is a value at all was computed from a hidden one, so NULL is hidden as well */
  readonly hidesNull: boolean;
}

const STRENGTH: Readonly<Record<MaskStrategy, number>> = { partial: 0, format: 1, hmac: 2, redact: 3, null: 4 };

/**
 * Decides per output column whether and how it is hidden, from the wire's own provenance and the statement's lineage:
 * hidden if either says so, and hidden if neither can tell. Undefined for a column that passes.
 */
export function chooseColumns(fields: readonly WireField[], demand: MaskDemand): readonly (Choice | undefined)[] {
  const lineage = demand.lineage !== "unknown" && demand.lineage.length === fields.length ? demand.lineage : undefined;
  return fields.map((field, at) => chooseOne(provenance(field, demand.catalogue), lineage?.[at], demand.hidden));
}

/** The same where only lineage is known (COPY): `columns` is how many there are on the wire. */
export function chooseByLineage(columns: number, demand: MaskDemand): readonly (Choice | undefined)[] {
  const lineage = demand.lineage !== "unknown" && demand.lineage.length === columns ? demand.lineage : undefined;
  return Array.from({ length: columns }, (_, at) => chooseOne({ kind: "none" }, lineage?.[at], demand.hidden));
}

type Provenance =
  /** the wire names no column */
  | { readonly kind: "none" }
  /** a column that the catalogue does not hold: a temporary object, or the catalogue is out of date */
  | { readonly kind: "unknown" }
  /** a stored column; `proof` when a base table's, so that the value cannot be anything else */
  | {
      readonly kind: "column";
      readonly names: readonly SourceColumn[];
      readonly proof: boolean;
      /** the value is the column's own, not generated from others */
      readonly plain: boolean;
    };

function provenance(field: WireField, catalogue: Catalogue): Provenance {
  if (field.tableOid === 0) return { kind: "none" };
  const relation = catalogue.relationByOid.get(field.tableOid);
  if (!relation) return { kind: "unknown" };
  // Numbers below zero are system columns (ctid, xmin …), zero is a whole row.
  if (field.columnNumber < 0) return { kind: "column", names: [], proof: true, plain: true };
  const column = relation.columns.find((own) => own.number === field.columnNumber);
  if (!column) return { kind: "unknown" };
  const proof = relation.kind === "table" || relation.kind === "foreign_table" || relation.kind === "sequence";
  const names = [column.name, ...(column.generatedFrom ?? [])].flatMap((name) => namesOf(relation, name));
  const plain = column.generatedFrom === undefined;
  return { kind: "column", names, proof: proof && !isSystem(relation), plain };
}

/** Statistics live in system tables: what such a column carries only lineage tells. */
function isSystem(relation: CatalogueRelation): boolean {
  return relation.schema === "pg_catalog" || relation.schema === "information_schema" || relation.schema === "pg_toast";
}

function namesOf(relation: CatalogueRelation, column: string): SourceColumn[] {
  const own = { schema: relation.schema, table: relation.name, column };
  const parents = (relation.parents ?? []).map((parent) => {
    const dot = parent.indexOf(".");
    return { schema: parent.slice(0, dot), table: parent.slice(dot + 1), column };
  });
  return [own, ...parents];
}

function chooseOne(
  wire: Provenance,
  lineage: OutputLineage | undefined,
  hidden: readonly HiddenColumn[],
): Choice | undefined {
  const proved = wire.kind === "column" && wire.proof;
  const doubtful = lineage === undefined || lineage.unknown || contradicts(wire, lineage);
  if (wire.kind === "unknown" || (doubtful && !proved)) return strongest(hidden, false, true);
  // An exact column that the wire places elsewhere means that names were resolved wrongly.
  if (wire.kind === "column" && lineage?.exact && contradicts(wire, lineage)) return strongest(hidden, false, true);
  const names = [...(wire.kind === "column" ? wire.names : []), ...(doubtful ? [] : (lineage?.sources ?? []))];
  if (names.some(isEverything)) return strongest(hidden, false, true);
  const matching = hidden.filter((column) => names.some((name) => isOf(column, name)));
  const generated = wire.kind === "column" && !wire.plain;
  return strongest(matching, (proved || lineage?.exact === true) && !generated, false);
}

function contradicts(wire: Provenance, lineage: OutputLineage): boolean {
  if (wire.kind !== "column" || wire.names.length === 0 || !lineage.exact) return false;
  const [own] = wire.names;
  return own !== undefined && !lineage.sources.some((source) => same(source, own));
}

function same(left: SourceColumn, right: SourceColumn): boolean {
  return left.schema === right.schema && left.table === right.table && left.column === right.column;
}

/** Statistics and other sessions' statements: a source that can carry every class. */
function isEverything(name: SourceColumn): boolean {
  return name.schema === "pg_catalog" && name.table === "*";
}

function isOf(hidden: HiddenColumn, name: SourceColumn): boolean {
  if (hidden.schema !== name.schema || hidden.table !== name.table) return false;
  return hidden.column === "*" || name.column === "*" || hidden.column === name.column;
}

/** Of several classes the strongest hiding. What is computed from a value is redacted: its shape is not the class's. */
function strongest(hidden: readonly HiddenColumn[], exact: boolean, unknown: boolean): Choice | undefined {
  const [first, ...others] = hidden;
  if (!first) return undefined;
  let chosen = first;
  for (const other of others) if (STRENGTH[other.strategy] > STRENGTH[chosen.strategy]) chosen = other;
  const shaped = chosen.strategy === "partial" || chosen.strategy === "format" || chosen.strategy === "hmac";
  return {
    strategy: shaped && !exact ? "redact" : chosen.strategy,
    dataClass: unknown ? "unknown" : chosen.dataClass,
    hidesNull: !exact,
  };
}
