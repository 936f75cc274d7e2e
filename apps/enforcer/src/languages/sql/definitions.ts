import type { AlterTableStmt, CreateStmt, DropStmt, Node, RangeVar, RenameStmt } from "libpg-query";
import type { FactObject } from "../facts.ts";
import { changesOf } from "./changes.ts";
import { Collector, DATABASE } from "./collector.ts";
import { followWrite } from "./consequences.ts";
import { columnFilled, tableMoves } from "./moves.ts";
import { columnOrigin } from "./origin.ts";
import { type Run, tableObject } from "./run.ts";
import { functionObject, listedObject, relationObject, schemaForNew } from "./targets.ts";
import { qualified, textsOf } from "./tree.ts";

/** DDL on objects that policy knows by name. False when the node is none of it. */
export function definition(node: Node, run: Run): boolean {
  if (!(creates(node, run) || alters(node, run) || removes(node, run))) return false;
  run.collector.changesCatalogue = true;
  run.collector.redefines.push(...changesOf(node, run));
  return true;
}

function creates(node: Node, run: Run): boolean {
  if ("CreateStmt" in node) createTable(node.CreateStmt, run);
  else if ("CreateForeignTableStmt" in node) {
    createTable(node.CreateForeignTableStmt.base, run);
    run.collector.need("sql.admin.server", DATABASE);
  } else if ("CreateTableAsStmt" in node) {
    const into = node.CreateTableAsStmt.into;
    const query = node.CreateTableAsStmt.query;
    const shape = query ? run.statement(query, undefined, run) : undefined;
    // CREATE TABLE AS EXECUTE stores what nobody here knows: it stays opaque.
    run.collector.executes = undefined;
    if (into && shape) run.into(into, shape, run);
  } else if ("ViewStmt" in node) {
    created(node.ViewStmt.view, run);
    // The view itself reads nothing yet, but shows all this to whoever may read it.
    if (node.ViewStmt.query) viewed(node.ViewStmt.query, run);
  } else if ("CreateSeqStmt" in node) created(node.CreateSeqStmt.sequence, run);
  else if ("CreateSchemaStmt" in node) createSchema(node, run);
  else if ("CreateFunctionStmt" in node) {
    const name = qualified(textsOf(node.CreateFunctionStmt.funcname));
    const schema = schemaForNew(name.schema, run);
    run.collector.need("sql.ddl.create", { kind: "function", schema, name: name.name });
    markBody(node.CreateFunctionStmt.sql_body, run.collector);
  } else return false;
  return true;
}

/** A body is only stored; what it does counts when it is called. */
function markBody(body: Node | undefined, collector: Collector): void {
  const pending: unknown[] = [body];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== "object" || at === null) continue;
    collector.visited.add(at);
    pending.push(...Object.values(at).filter((value) => value !== undefined));
  }
}

function createTable(create: CreateStmt | undefined, run: Run): void {
  created(create?.relation, run);
  for (const parent of create?.inhRelations ?? []) {
    if ("RangeVar" in parent) run.collector.need("sql.ddl.alter", relationObject(parent.RangeVar, run));
  }
}

function created(range: RangeVar | undefined, run: Run): void {
  const name = range?.relname ?? "";
  const temporary = range?.relpersistence === "t" || (range?.schemaname ?? "").startsWith("pg_temp");
  if (temporary) run.collector.temporary.add(name);
  const schema = temporary ? "pg_temp" : schemaForNew(range?.schemaname, run);
  run.collector.need("sql.ddl.create", { kind: "schema", schema: "", name: schema });
  const existing = run.catalogue.relationByName.get(`${schema}.${name}`);
  if (existing) run.collector.need("sql.ddl.alter", { kind: "table", schema, name });
}

/** A view runs nothing when it is made: what is not known yet of what it reads will be known when it is read. */
function viewed(query: Node, run: Run): void {
  const inner = new Collector();
  run.statement(query, undefined, { ...run, collector: inner });
  if (run.catalogue.unsure && !run.catalogue.unsure.everything) inner.trust();
  run.collector.absorb(inner);
}

function createSchema(node: Node, run: Run): void {
  if (!("CreateSchemaStmt" in node)) return;
  run.collector.need("sql.ddl.create", { kind: "schema", schema: "", name: node.CreateSchemaStmt.schemaname ?? "" });
  for (const element of node.CreateSchemaStmt.schemaElts ?? []) run.statement(element, undefined, run);
}

function alters(node: Node, run: Run): boolean {
  const collector = run.collector;
  if ("AlterTableStmt" in node) alterTable(node.AlterTableStmt, run);
  else if ("RenameStmt" in node) rename(node.RenameStmt, run);
  else if ("AlterObjectSchemaStmt" in node) {
    const { relation, object, objectType } = node.AlterObjectSchemaStmt;
    const target = relation
      ? relationObject(relation, run)
      : object
        ? listedObject(object, objectType ?? "", run)
        : DATABASE;
    collector.need("sql.ddl.alter", target);
    tableMoves(target, { schema: node.AlterObjectSchemaStmt.newschema ?? "", name: target.name }, run);
    collector.need("sql.ddl.create", { kind: "schema", schema: "", name: node.AlterObjectSchemaStmt.newschema ?? "" });
  } else if ("IndexStmt" in node) collector.need("sql.ddl.alter", relationObject(node.IndexStmt.relation, run));
  else if ("CreateTrigStmt" in node) {
    collector.need("sql.ddl.alter", relationObject(node.CreateTrigStmt.relation, run));
    collector.functions.add(textsOf(node.CreateTrigStmt.funcname).join("."));
  } else if ("RuleStmt" in node) {
    collector.need("sql.ddl.alter", relationObject(node.RuleStmt.relation, run));
    for (const action of node.RuleStmt.actions ?? []) markBody(action, collector);
    collector.giveUp("a rule rewrites later statements");
  } else if ("AlterSeqStmt" in node) collector.need("sql.ddl.alter", relationObject(node.AlterSeqStmt.sequence, run));
  else if ("AlterFunctionStmt" in node && node.AlterFunctionStmt.func) {
    collector.need("sql.ddl.alter", functionObject({ ObjectWithArgs: node.AlterFunctionStmt.func }, run));
  } else if ("CreatePolicyStmt" in node || "AlterPolicyStmt" in node) {
    const table = "CreatePolicyStmt" in node ? node.CreatePolicyStmt.table : node.AlterPolicyStmt.table;
    collector.need("sql.ddl.alter", relationObject(table, run));
    collector.need("sql.admin.role", DATABASE);
  } else if ("CommentStmt" in node) {
    const { object, objtype } = node.CommentStmt;
    collector.need("sql.ddl.alter", object ? listedObject(object, objtype ?? "", run) : DATABASE);
  } else return maintains(node, run);
  return true;
}

/** What alters no definition but rewrites or rebuilds what is stored. */
function maintains(node: Node, run: Run): boolean {
  const action = "sql.admin.maintain";
  if ("ReindexStmt" in node) run.collector.need(action, relationObject(node.ReindexStmt.relation, run));
  else if ("ClusterStmt" in node) run.collector.need(action, relationObject(node.ClusterStmt.relation, run));
  else if ("RefreshMatViewStmt" in node) {
    const object = relationObject(node.RefreshMatViewStmt.relation, run);
    run.collector.need(action, object);
    const view = run.catalogue.relationByName.get(`${object.schema}.${object.name}`);
    const opened = view && run.view(view, run);
    if (opened) run.collector.absorb(opened.collector);
  } else return false;
  return true;
}

/** Parts of ALTER TABLE that are about rights or about what runs later. */
const RIGHTS = new Set([
  "AT_ChangeOwner",
  "AT_EnableRowSecurity",
  "AT_DisableRowSecurity",
  "AT_ForceRowSecurity",
  "AT_NoForceRowSecurity",
  "AT_DisableTrig",
  "AT_DisableTrigAll",
  "AT_DisableTrigUser",
  "AT_DisableRule",
]);
const DESTROYS = new Set(["AT_DropColumn", "AT_DetachPartition", "AT_DetachPartitionFinalize"]);

function alterTable(alter: AlterTableStmt, run: Run): void {
  const object = relationObject(alter.relation, run);
  run.collector.need("sql.ddl.alter", object);
  for (const command of alter.cmds ?? []) {
    const subtype = "AlterTableCmd" in command ? (command.AlterTableCmd.subtype ?? "") : "";
    if (RIGHTS.has(subtype)) run.collector.need("sql.admin.role", DATABASE);
    if (DESTROYS.has(subtype)) run.collector.need("sql.destroy.drop", object);
    if (subtype === "AT_AlterColumnType" && "AlterTableCmd" in command)
      columnFilled(command.AlterTableCmd, object, run);
  }
}

function rename(node: RenameStmt, run: Run): void {
  if (node.renameType === "OBJECT_ROLE") run.collector.need("sql.admin.role", DATABASE);
  else if (node.renameType === "OBJECT_DATABASE") run.collector.need("sql.admin.server", DATABASE);
  else if (node.relation) renameRelation(node, relationObject(node.relation, run), run);
  else if (node.object) run.collector.need("sql.ddl.alter", listedObject(node.object, node.renameType ?? "", run));
  else if (node.renameType !== "OBJECT_SCHEMA" || !node.subname) run.collector.need("sql.ddl.alter", DATABASE);
  else {
    run.collector.need("sql.ddl.alter", { kind: "schema", schema: "", name: node.subname });
    for (const relation of run.catalogue.relations)
      if (relation.schema === node.subname)
        tableMoves(tableObject(relation), { schema: node.newname ?? "", name: relation.name }, run);
  }
}

function renameRelation(node: RenameStmt, object: FactObject, run: Run): void {
  run.collector.need("sql.ddl.alter", object);
  const { name: table, schema } = object;
  const newname = node.newname ?? "";
  const column = node.subname ?? "";
  if (node.renameType === "OBJECT_COLUMN")
    run.collector.move(columnOrigin({ schema, table, column }), { schema, table, column: newname });
  else if (!node.subname) tableMoves(object, { schema, name: newname }, run);
}

function removes(node: Node, run: Run): boolean {
  if ("DropStmt" in node) drop(node.DropStmt, run);
  else if ("TruncateStmt" in node) {
    run.collector.unbounded = true;
    for (const relation of node.TruncateStmt.relations ?? []) {
      if (!("RangeVar" in relation)) continue;
      const object = relationObject(relation.RangeVar, run);
      run.collector.need("sql.destroy.truncate", object);
      const known = run.catalogue.relationByName.get(`${object.schema}.${object.name}`);
      if (known) followWrite(known, "truncate", undefined, run);
    }
    if (node.TruncateStmt.behavior === "DROP_CASCADE")
      run.collector.giveUp("CASCADE reaches tables that are not named");
  } else return false;
  return true;
}

const SERVER_OBJECTS = new Set([
  "OBJECT_EXTENSION",
  "OBJECT_FDW",
  "OBJECT_FOREIGN_SERVER",
  "OBJECT_EVENT_TRIGGER",
  "OBJECT_PUBLICATION",
]);

function drop(node: DropStmt, run: Run): void {
  const type = node.removeType ?? "";
  for (const object of node.objects ?? []) run.collector.need("sql.destroy.drop", listedObject(object, type, run));
  if (SERVER_OBJECTS.has(type)) run.collector.need("sql.admin.server", DATABASE);
  if (type === "OBJECT_POLICY") run.collector.need("sql.admin.role", DATABASE);
  if (node.behavior === "DROP_CASCADE") run.collector.doubt("CASCADE reaches objects that are not named");
}
