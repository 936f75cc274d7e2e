import type { DeleteStmt, InsertStmt, MergeStmt, MergeWhenClause, Node, RangeVar, UpdateStmt } from "libpg-query";
import type { CatalogueRelation, FactObject, WriteEvent } from "../facts.ts";
import { followWrite } from "./consequences.ts";
import { condition, expression } from "./expression.ts";
import { fromItem, storedItem } from "./from.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { addItem, childScope, type QueryShape, type Run, type Scope, type ScopeItem } from "./run.ts";
import { targets, withQueries } from "./select.ts";
import { targetNames } from "./target-names.ts";
import { holdsForEveryRow } from "./tautology.ts";
import { textsOf } from "./tree.ts";

const NO_ROWS: QueryShape = { columns: [], open: false, filters: NOTHING };

/** INSERT, with what ON CONFLICT may update. */
export function insert(node: InsertStmt, parent: Scope | undefined, run: Run): QueryShape {
  const scope = opened(node, parent, run);
  const target = writeTarget(node.relation, "sql.write.insert", insertEvents(node), run);
  if (!target) return NO_ROWS;
  const named = columnNames(node.cols);
  const columns = named.length > 0 ? named : target.columns.map((column) => column.name);
  for (const column of columns) write(run, "sql.write.insert", target, column);
  if (target.open || (!node.cols && columns.length === 0)) write(run, "sql.write.insert", target, "*");
  subscripts(node.cols, scope, run);
  const source =
    node.selectStmt && "SelectStmt" in node.selectStmt ? run.query(node.selectStmt.SelectStmt, scope, run) : NO_ROWS;
  source.columns.forEach((column, at) => persist(run, target, columns[at] ?? "*", column.origin));
  if (source.open) persist(run, target, "*", UNKNOWN);
  addItem(scope, target);
  if (node.onConflictClause) onConflict(node.onConflictClause, target, scope, run);
  return returning(node.returningClause, target, scope, run);
}

function insertEvents(node: InsertStmt): readonly Happening[] {
  const updates = node.onConflictClause?.action === "ONCONFLICT_UPDATE";
  const columns = columnNames(node.onConflictClause?.targetList);
  return [{ event: "insert" }, ...(updates ? [{ event: "update", columns } as const] : [])];
}

function mergeEvents(node: MergeStmt): readonly Happening[] {
  return (node.mergeWhenClauses ?? []).flatMap((clause): Happening[] => {
    const when = "MergeWhenClause" in clause ? clause.MergeWhenClause : undefined;
    const event = MERGE_EVENTS[when?.commandType ?? ""];
    return event === undefined ? [] : [{ event, columns: columnNames(when?.targetList) }];
  });
}

const MERGE_EVENTS: Readonly<Record<string, WriteEvent>> = {
  CMD_INSERT: "insert",
  CMD_UPDATE: "update",
  CMD_DELETE: "delete",
};

function onConflict(
  clause: NonNullable<InsertStmt["onConflictClause"]>,
  target: ScopeItem,
  scope: Scope,
  run: Run,
): void {
  for (const element of clause.infer?.indexElems ?? []) {
    if ("IndexElem" in element) expression(element.IndexElem.expr, scope, run, "filter");
  }
  expression(clause.infer?.whereClause, scope, run, "filter");
  if (clause.action !== "ONCONFLICT_UPDATE") return;
  run.collector.need("sql.write.update", objectOf(target));
  const inner = childScope(scope);
  inner.items.push({ ...target, alias: "excluded", action: undefined });
  setColumns(
    clause.targetList,
    { target, action: "sql.write.update" },
    { ...inner, items: [target, ...inner.items] },
    run,
  );
  condition(clause.whereClause, { ...inner, items: [target, ...inner.items] }, run);
}

/** UPDATE. Without a condition on the table itself it is unbounded. */
export function update(node: UpdateStmt, parent: Scope | undefined, run: Run): QueryShape {
  const scope = opened(node, parent, run);
  const target = writeTarget(
    node.relation,
    "sql.write.update",
    [{ event: "update", columns: columnNames(node.targetList) }],
    run,
  );
  if (!target) return NO_ROWS;
  addItem(scope, target);
  for (const item of node.fromClause ?? []) fromItem(item, scope, run);
  bound(node.whereClause, target, scope, run);
  setColumns(node.targetList, { target, action: "sql.write.update" }, scope, run);
  return returning(node.returningClause, target, scope, run);
}

/** DELETE. */
export function remove(node: DeleteStmt, parent: Scope | undefined, run: Run): QueryShape {
  const scope = opened(node, parent, run);
  const target = writeTarget(node.relation, "sql.write.delete", [{ event: "delete" }], run);
  if (!target) return NO_ROWS;
  addItem(scope, target);
  for (const item of node.usingClause ?? []) fromItem(item, scope, run);
  bound(node.whereClause, target, scope, run);
  return returning(node.returningClause, target, scope, run);
}

/** MERGE: each WHEN is an INSERT, UPDATE or DELETE of its own. */
export function merge(node: MergeStmt, parent: Scope | undefined, run: Run): QueryShape {
  const scope = opened(node, parent, run);
  const target = writeTarget(node.relation, undefined, mergeEvents(node), run);
  if (!target) return NO_ROWS;
  addItem(scope, target);
  if (node.sourceRelation) fromItem(node.sourceRelation, scope, run);
  condition(node.joinCondition, scope, run);
  for (const clause of node.mergeWhenClauses ?? []) {
    if ("MergeWhenClause" in clause) mergeWhen(clause.MergeWhenClause, node, target, scope, run);
    else run.collector.giveUp("a MERGE clause of an unknown form");
  }
  return returning(node.returningClause, target, scope, run);
}

const MERGE_ACTIONS: Readonly<Record<string, string>> = {
  CMD_INSERT: "sql.write.insert",
  CMD_UPDATE: "sql.write.update",
  CMD_DELETE: "sql.write.delete",
};

function mergeWhen(clause: MergeWhenClause, node: MergeStmt, target: ScopeItem, scope: Scope, run: Run): void {
  condition(clause.condition, scope, run);
  const command = clause.commandType ?? "";
  if (command === "CMD_NOTHING") return;
  const action = MERGE_ACTIONS[command];
  if (action === undefined) {
    run.collector.giveUp("a MERGE action of an unknown form");
    return;
  }
  run.collector.need(action, objectOf(target));
  if (command !== "CMD_INSERT") {
    const unmatched = clause.matchKind === "MERGE_WHEN_NOT_MATCHED_BY_SOURCE";
    const applies = unmatched ? clause.condition : node.joinCondition;
    run.collector.unbounded ||= holdsForEveryRow(applies, targetNames(target, scope, run));
  }
  if (command === "CMD_DELETE") return;
  setColumns(clause.targetList, { target, action }, scope, run, clause.values);
  if (!clause.targetList && clause.values) {
    write(run, action, target, "*");
    for (const value of clause.values) persist(run, target, "*", expression(value, scope, run, "read"));
  }
}

function opened(
  node: { withClause?: { ctes?: Node[]; recursive?: boolean } },
  parent: Scope | undefined,
  run: Run,
): Scope {
  run.collector.visited.add(node);
  const scope = childScope(parent);
  withQueries(node.withClause?.ctes ?? [], node.withClause?.recursive === true, scope, run);
  return scope;
}

/** A kind of write, and the columns it names. */
interface Happening {
  readonly event: WriteEvent;
  readonly columns?: readonly string[] | undefined;
}

function writeTarget(
  range: RangeVar | undefined,
  action: string | undefined,
  events: readonly Happening[],
  run: Run,
): ScopeItem | undefined {
  if (!range) {
    run.collector.giveUp("a write without a table");
    return undefined;
  }
  const item = storedItem(range, run, action ?? "");
  const table = item.table;
  if (!table) return undefined;
  if (action !== undefined) run.collector.need(action, table);
  const relation = run.catalogue.relationByName.get(`${table.schema}.${table.name}`);
  for (const parent of relation?.parents ?? []) noteParent(parent, action, run);
  if (relation?.kind === "view" && action !== undefined) writeThrough(relation, action, run);
  if (relation?.rules) run.collector.giveUp(`rules rewrite what is written to ${table.schema}.${table.name}`);
  for (const event of events) setOff(relation, event.event, event.columns, run);
  return { ...item, alias: range.alias?.aliasname ?? item.alias, action };
}

/** What a write sets off, at the tables under a view as well. */
function setOff(
  relation: CatalogueRelation | undefined,
  event: WriteEvent,
  columns: readonly string[] | undefined,
  run: Run,
): void {
  if (!relation) return;
  if (relation.kind !== "view") return followWrite(relation, event, columns, run);
  followWrite(relation, event, undefined, run);
  for (const access of run.view(relation, run)?.collector.accesses.values() ?? []) {
    const base = run.catalogue.relationByName.get(`${access.object.schema}.${access.object.name}`);
    if (access.action === "sql.read.select" && base && base.kind !== "view") followWrite(base, event, undefined, run);
  }
}

/** A write to a view goes to what the view reads. */
function writeThrough(view: CatalogueRelation, action: string, run: Run): void {
  const opened = run.view(view, run);
  for (const access of opened?.collector.accesses.values() ?? []) {
    if (access.action === "sql.read.select" && access.object.kind === "table")
      run.collector.need(action, access.object);
  }
}

/** Writing a partition directly writes its parent. */
function noteParent(parent: string, action: string | undefined, run: Run): void {
  const relation = run.catalogue.relationByName.get(parent);
  if (relation && action !== undefined) {
    run.collector.need(action, { kind: "table", schema: relation.schema, name: relation.name });
  }
}

function bound(where: Node | undefined, target: ScopeItem, scope: Scope, run: Run): void {
  condition(where, scope, run);
  run.collector.unbounded ||= holdsForEveryRow(where, targetNames(target, scope, run));
}

interface Written {
  readonly target: ScopeItem;
  readonly action: string;
}

/** SET a = x, (b, c) = (SELECT …): what is written, and what flows in. */
function setColumns(
  nodes: readonly Node[] | undefined,
  { target, action }: Written,
  scope: Scope,
  run: Run,
  values?: readonly Node[],
): void {
  (nodes ?? []).forEach((node, at) => {
    if (!("ResTarget" in node)) {
      run.collector.giveUp("an assignment of an unknown form");
      return;
    }
    const column = node.ResTarget.name ?? "*";
    write(run, action, target, column);
    const value = values ? values[at] : assigned(node.ResTarget.val);
    persist(run, target, column, expression(value, scope, run, "read"));
    for (const step of node.ResTarget.indirection ?? [])
      if (!("String" in step)) expression(step, scope, run, "filter");
  });
}

/** Of a multiple assignment each part refers to the same source. */
function assigned(value: Node | undefined): Node | undefined {
  return value && "MultiAssignRef" in value ? value.MultiAssignRef.source : value;
}

function returning(
  clause: { exprs?: Node[]; options?: Node[] } | undefined,
  target: ScopeItem,
  scope: Scope,
  run: Run,
): QueryShape {
  if (!clause) return NO_ROWS;
  const names = (clause.options ?? []).flatMap((option) =>
    "ReturningOption" in option ? [option.ReturningOption.value ?? ""] : [],
  );
  // old and new are the target's rows; they are reachable by name but are not part of `*`.
  const outer = childScope(scope.parent, scope.args);
  outer.items.push(...["old", "new", ...names].map((alias) => ({ ...target, alias })));
  const inner: Scope = { ...scope, parent: outer };
  const { columns, open } = targets(clause.exprs, inner, run);
  return { columns, open, filters: NOTHING };
}

function columnNames(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ("ResTarget" in node ? [node.ResTarget.name ?? "*"] : []));
}

function subscripts(nodes: readonly Node[] | undefined, scope: Scope, run: Run): void {
  for (const node of nodes ?? []) {
    if (!("ResTarget" in node)) continue;
    for (const step of node.ResTarget.indirection ?? [])
      if (textsOf([step]).length === 0) expression(step, scope, run, "filter");
  }
}

function write(run: Run, action: string, target: ScopeItem, column: string): void {
  run.collector.column(action, objectOf(target), column, "write");
}

function persist(run: Run, target: ScopeItem, column: string, origin: Origin): void {
  const table = objectOf(target);
  run.collector.persist({ schema: table.schema, table: table.name, column }, computed(origin));
}

function objectOf(item: ScopeItem): FactObject {
  return item.table ?? { kind: "table", schema: "", name: item.alias };
}
