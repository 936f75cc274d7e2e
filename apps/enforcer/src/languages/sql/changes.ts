import type { AlterObjectSchemaStmt, DropStmt, Node, RenameStmt } from "libpg-query";
import type { CatalogueChange } from "../facts.ts";
import { altered, alteredTable, createdTable, indexed } from "./changed-tables.ts";
import { childrenOfRelation } from "./children.ts";
import type { Run } from "./run.ts";
import { relationObject } from "./targets.ts";
import { kindOf, textsOf } from "./tree.ts";

type Changes = readonly CatalogueChange[];

const NOTHING_CHANGES: Changes = [];
const EVERYTHING: Changes = [{ kind: "everything" }];
const CODE: Changes = [{ kind: "code" }];

/** What a definition makes of the catalogue that later statements are judged by. A kind not named anywhere: everything. */
export function changesOf(node: Node, run: Run): Changes {
  if ("CreateStmt" in node) return createdTable(node.CreateStmt, run);
  if ("AlterTableStmt" in node) return alteredTable(node.AlterTableStmt, run);
  if ("IndexStmt" in node) return indexed(node.IndexStmt, run);
  if ("RenameStmt" in node) return renamed(node.RenameStmt, run);
  if ("AlterObjectSchemaStmt" in node) return moved(node.AlterObjectSchemaStmt, run);
  if ("DropStmt" in node) return dropped(node.DropStmt, run);
  if ("ViewStmt" in node) return relationNames(node.ViewStmt.view?.relname);
  if ("CreateSeqStmt" in node) return relationNames(node.CreateSeqStmt.sequence?.relname);
  if ("CreateTableAsStmt" in node || "SelectStmt" in node) return NOTHING_CHANGES; // `makeTable` tells
  if ("CreateFunctionStmt" in node) return functionNames(textsOf(node.CreateFunctionStmt.funcname).at(-1));
  if ("AlterFunctionStmt" in node) return functionNames(textsOf(node.AlterFunctionStmt.func?.objname).at(-1));
  if ("CreateTrigStmt" in node) return altered(node.CreateTrigStmt.relation, run);
  if ("RuleStmt" in node) return altered(node.RuleStmt.relation, run);
  if ("CreatePolicyStmt" in node) return altered(node.CreatePolicyStmt.table, run);
  if ("AlterPolicyStmt" in node) return altered(node.AlterPolicyStmt.table, run);
  if ("CreateSchemaStmt" in node)
    return node.CreateSchemaStmt.schemaElts
      ? EVERYTHING
      : [{ kind: "schema", name: node.CreateSchemaStmt.schemaname ?? "" }];
  // who may use a schema decides where on the path a name is found
  if ("GrantStmt" in node) return node.GrantStmt.objtype === "OBJECT_SCHEMA" ? EVERYTHING : NOTHING_CHANGES;
  if ("CreateExtensionStmt" in node || "AlterExtensionStmt" in node) return [{ kind: "extension" }];
  const kind = kindOf(node);
  return NEUTRAL.has(kind) ? NOTHING_CHANGES : CODES.has(kind) ? CODE : EVERYTHING;
}

/** Definitions that no name and no expression depends on. */
const NEUTRAL = new Set(
  `CommentStmt TruncateStmt ReindexStmt ClusterStmt RefreshMatViewStmt CreateEnumStmt AlterEnumStmt CompositeTypeStmt
  CreateStatsStmt AlterStatsStmt AlterSeqStmt ReplicaIdentityStmt AlterOwnerStmt AlterDefaultPrivilegesStmt SecLabelStmt
  CreatePublicationStmt AlterPublicationStmt CheckPointStmt`.split(/\s+/),
);
const CODES = new Set(
  `DefineStmt CreateRangeStmt CreateDomainStmt AlterDomainStmt AlterTypeStmt CreateCastStmt CreateOpClassStmt
  CreateOpFamilyStmt AlterOpFamilyStmt AlterOperatorStmt AlterTSDictionaryStmt AlterTSConfigurationStmt`.split(/\s+/),
);

const RELATIONS = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SEQUENCE",
  "OBJECT_FOREIGN_TABLE",
  // ALTER INDEX renames tables, too
  "OBJECT_INDEX",
]);
const FUNCTIONS = new Set(["OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"]);
const COLUMNS = new Set(["OBJECT_COLUMN", "OBJECT_ATTRIBUTE"]);
/** Names that no statement's meaning hangs on. */
const MERE_NAMES = new Set([
  "OBJECT_TABCONSTRAINT",
  "OBJECT_DOMCONSTRAINT",
  "OBJECT_TRIGGER",
  "OBJECT_POLICY",
  "OBJECT_RULE",
  "OBJECT_STATISTIC_EXT",
]);

function renamed(node: RenameStmt, run: Run): Changes {
  const type = node.renameType ?? "";
  if (MERE_NAMES.has(type)) return NOTHING_CHANGES;
  if (COLUMNS.has(type)) return altered(node.relation, run);
  if (RELATIONS.has(type)) return renamedRelation(node, run);
  if (FUNCTIONS.has(type)) return functionNames(objectName(node.object), node.newname);
  return type === "OBJECT_TYPE" || type === "OBJECT_DOMAIN" ? typeChanges(node.object, run) : EVERYTHING;
}

/** A relation whose new name nothing else has is followed; what refers to the old one is not. */
function renamedRelation({ newname, relation: range }: RenameStmt, run: Run): Changes {
  const object = relationObject(range, run);
  const relation = run.catalogue.relationByName.get(`${object.schema}.${object.name}`);
  const alone = relation && !relation.parents && childrenOfRelation(run.catalogue, relation).length === 0;
  const taken = run.catalogue.relations.some(({ name }) => name === newname);
  if (!alone || taken || newname === undefined) return relationNames(range?.relname, newname);
  return [...relationNames(range?.relname), { kind: "made", relation: { ...relation, name: newname } }];
}

function moved(node: AlterObjectSchemaStmt, run: Run): Changes {
  const type = node.objectType ?? "";
  if (node.relation) return relationNames(node.relation.relname);
  if (FUNCTIONS.has(type)) return functionNames(objectName(node.object));
  return type === "OBJECT_TYPE" || type === "OBJECT_DOMAIN" ? typeChanges(node.object, run) : EVERYTHING;
}

/** What goes takes nothing else along: CASCADE reaches further. */
function dropped(node: DropStmt, run: Run): Changes {
  const type = node.removeType ?? "";
  const objects = node.objects ?? [];
  if (node.behavior === "DROP_CASCADE") return EVERYTHING;
  if (type === "OBJECT_INDEX" || MERE_NAMES.has(type)) return NOTHING_CHANGES;
  if (RELATIONS.has(type)) return relationNames(...objects.map(objectName));
  if (FUNCTIONS.has(type)) return functionNames(...objects.map(objectName));
  return type === "OBJECT_TYPE" || type === "OBJECT_DOMAIN"
    ? objects.flatMap((object) => typeChanges(object, run))
    : EVERYTHING;
}

/** Types count where a cast to them or a check of theirs calls something. */
function typeChanges(object: Node | undefined, run: Run): Changes {
  const name = objectName(object);
  return name !== undefined && !run.catalogue.typeFunctions?.has(name) ? NOTHING_CHANGES : CODE;
}

function objectName(object: Node | undefined): string | undefined {
  if (!object) return undefined;
  if ("List" in object) return textsOf(object.List.items).at(-1);
  if ("ObjectWithArgs" in object) return textsOf(object.ObjectWithArgs.objname).at(-1);
  if ("TypeName" in object) return textsOf(object.TypeName.names).at(-1);
  return undefined;
}

function relationNames(...names: readonly (string | undefined)[]): Changes {
  return known(names) ? [{ kind: "relations", names }] : EVERYTHING;
}

function functionNames(...names: readonly (string | undefined)[]): Changes {
  return known(names) ? [{ kind: "functions", names }] : EVERYTHING;
}

function known(names: readonly (string | undefined)[]): names is readonly string[] {
  return names.every((name) => name !== undefined && name !== "");
}
