import type {
  AlterTableCmd,
  AlterTableStmt,
  ColumnDef,
  Constraint,
  CreateStmt,
  IndexStmt,
  RangeVar,
} from "libpg-query";
import type { CatalogueChange, CatalogueColumn, CatalogueRelation } from "../facts.ts";
import { childrenOfRelation } from "./children.ts";
import { isPlain } from "./plain.ts";
import type { Run } from "./run.ts";
import { relationObject, schemaForNew } from "./targets.ts";
import { childrenOf, textsOf } from "./tree.ts";

type Changes = readonly CatalogueChange[];

/** CREATE TABLE: the table as it is written, where nothing in it calls or copies what is not at hand. */
export function createdTable(create: CreateStmt, run: Run): Changes {
  const name = create.relation?.relname ?? "";
  // names of temporary tables are kept by the session
  if (create.relation?.relpersistence === "t" || (create.relation?.schemaname ?? "").startsWith("pg_temp")) return [];
  const schema = schemaForNew(create.relation?.schemaname, run);
  if (create.if_not_exists && run.catalogue.relationByName.has(`${schema}.${name}`)) return [];
  const columns = columnsOf(create);
  const wellKnown = create.relation?.schemaname !== undefined || oneSchemaToMakeIn(run);
  const plain = !create.inhRelations && !create.ofTypename && wellKnown && isPlain(create, run);
  if (!columns || !plain) return [{ kind: "relations", names: [name] }, ...referred(create, run)];
  const relation: CatalogueRelation = { oid: 0, schema, name, kind: "table", columns };
  return [{ kind: "made", relation }, ...referred(create, run)];
}

/** CREATE TABLE AS and SELECT INTO: what is stored was judged already; the columns carry no class but by their names. */
export function tableOfRows(range: RangeVar, columns: readonly string[] | undefined, run: Run): Changes {
  const name = range.relname ?? "";
  if (!columns || !(range.schemaname || oneSchemaToMakeIn(run))) return [{ kind: "relations", names: [name] }];
  const schema = schemaForNew(range.schemaname, run);
  const made = columns.map((column, at): CatalogueColumn => ({ name: column, number: at + 1, typeOid: 0 }));
  return [{ kind: "made", relation: { oid: 0, schema, name, kind: "table", columns: made } }];
}

/** Where a path holds several schemas, the server passes over those that the role may not use. */
function oneSchemaToMakeIn({ catalogue, path }: Run): boolean {
  return path.filter((name) => name !== "pg_catalog" && catalogue.schemas.includes(name)).length <= 1;
}

function columnsOf(create: CreateStmt): readonly CatalogueColumn[] | undefined {
  const columns: CatalogueColumn[] = [];
  for (const element of create.tableElts ?? []) {
    if ("Constraint" in element) continue;
    if (!("ColumnDef" in element)) return undefined;
    columns.push(columnFrom(element.ColumnDef, columns.length + 1));
  }
  return columns;
}

function columnFrom(definition: ColumnDef, number: number): CatalogueColumn {
  const generated = constraintsIn(definition).filter(({ contype }) => contype === "CONSTR_GENERATED");
  const generatedFrom = generated.flatMap(({ raw_expr: expression }) => columnNamesIn(expression));
  return {
    name: definition.colname ?? "",
    number,
    typeOid: 0,
    ...(generated.length > 0 ? { generatedFrom } : {}),
  };
}

function columnNamesIn(value: unknown): string[] {
  return [...childrenOf(value)].flatMap((node) =>
    "ColumnRef" in node ? textsOf(node.ColumnRef.fields).slice(-1) : columnNamesIn(Object.values(node)),
  );
}

function constraintsIn(value: unknown): Constraint[] {
  return [...childrenOf(value)].flatMap((node) =>
    "Constraint" in node ? [node.Constraint] : constraintsIn(Object.values(node)),
  );
}

const FOLLOWS = new Set(["c", "n", "d"]);

/** A foreign key that follows changes is a consequence of writes to the table that it refers to. */
function referred(value: unknown, run: Run): Changes {
  return constraintsIn(value).flatMap((constraint) => {
    const follows = FOLLOWS.has(constraint.fk_del_action ?? "a") || FOLLOWS.has(constraint.fk_upd_action ?? "a");
    return constraint.contype === "CONSTR_FOREIGN" && follows ? altered(constraint.pktable, run) : [];
  });
}

/** CREATE INDEX: writes call what its expressions call. */
export function indexed(node: IndexStmt, run: Run): Changes {
  return isPlain(node, run) ? [] : altered(node.relation, run);
}

/** ALTER TABLE, part by part. */
export function alteredTable(alter: AlterTableStmt, run: Run): Changes {
  const object = relationObject(alter.relation, run);
  const key = `${object.schema}.${object.name}`;
  const relation = run.catalogue.relationByName.get(key);
  if (!relation) return [{ kind: "relations", names: [alter.relation?.relname ?? ""] }];
  const inFamily = (relation.parents ?? []).length > 0 || childrenOfRelation(run.catalogue, relation).length > 0;
  let now: CatalogueRelation = relation;
  const changes: CatalogueChange[] = [];
  for (const part of alter.cmds ?? []) {
    const command = "AlterTableCmd" in part ? part.AlterTableCmd : undefined;
    if (!command || command.behavior === "DROP_CASCADE") return [{ kind: "everything" }];
    changes.push(...referred(command.def, run), ...joined(command, run));
    const after = NEUTRAL.has(command.subtype ?? "") ? now : inFamily ? undefined : afterCommand(now, command, run);
    if (!after) return [...changes, familyAltered(relation, run)];
    now = after;
  }
  return now === relation ? changes : [...changes, { kind: "made", relation: now }];
}

/** Parts that change neither columns nor what a write calls, or only take from it. */
const NEUTRAL = new Set(
  `DropNotNull SetNotNull SetStatistics SetStorage SetCompression ValidateConstraint DropConstraint AlterConstraint
  AddIndexConstraint ClusterOn DropCluster SetLogged SetUnLogged SetTableSpace SetRelOptions ResetRelOptions SetAccessMethod
  EnableTrig EnableTrigAll EnableTrigUser EnableAlwaysTrig EnableReplicaTrig DisableTrig DisableTrigAll DisableTrigUser
  EnableRowSecurity DisableRowSecurity ForceRowSecurity NoForceRowSecurity ReplicaIdentity ChangeOwner AddIdentity
  SetIdentity DropIdentity DropExpression`
    .split(/\s+/)
    .map((part) => `AT_${part}`),
);

function afterCommand(relation: CatalogueRelation, command: AlterTableCmd, run: Run): CatalogueRelation | undefined {
  const { def, name, subtype } = command;
  if (!isPlain(def, run)) return undefined;
  if (subtype === "AT_AddConstraint" || subtype === "AT_ColumnDefault") return relation;
  const { columns } = relation;
  if (subtype === "AT_DropColumn") return { ...relation, columns: columns.filter((column) => column.name !== name) };
  if (subtype === "AT_AlterColumnType")
    return {
      ...relation,
      columns: columns.map((column) => (column.name === name ? { ...column, typeOid: 0 } : column)),
    };
  if (subtype !== "AT_AddColumn" || !def || !("ColumnDef" in def)) return undefined;
  if (columns.some((column) => column.name === def.ColumnDef.colname)) return command.missing_ok ? relation : undefined;
  const number = Math.max(0, ...columns.map((column) => column.number)) + 1;
  return { ...relation, columns: [...columns, columnFrom(def.ColumnDef, number)] };
}

const JOINS = new Set(["AT_AttachPartition", "AT_DetachPartition", "AT_AddInherit", "AT_DropInherit"]);

/** The other table of a partition or inheritance: its rows come to be read, or no longer, by another name. */
function joined({ def, subtype }: AlterTableCmd, run: Run): Changes {
  if (!JOINS.has(subtype ?? "") || !def) return [];
  if ("PartitionCmd" in def) return altered(def.PartitionCmd.name, run);
  return "RangeVar" in def ? altered(def.RangeVar, run) : [{ kind: "everything" }];
}

/** A relation that keeps its name, and its partitions, children and parents. */
export function altered(range: RangeVar | undefined, run: Run): Changes {
  const object = relationObject(range, run);
  const relation = run.catalogue.relationByName.get(`${object.schema}.${object.name}`);
  return relation ? [familyAltered(relation, run)] : [{ kind: "relations", names: [range?.relname ?? ""] }];
}

function familyAltered(relation: CatalogueRelation, run: Run): CatalogueChange {
  const children = childrenOfRelation(run.catalogue, relation).map(({ name, schema }) => `${schema}.${name}`);
  const own = `${relation.schema}.${relation.name}`;
  return { kind: "altered", relations: [own, ...(relation.parents ?? []), ...children] };
}
