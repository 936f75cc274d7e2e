import type { DoStmt, LockStmt, Node } from "libpg-query";
import { callFunction } from "./calls.ts";
import { changesOf } from "./changes.ts";
import { DATABASE } from "./collector.ts";
import { copy } from "./copy.ts";
import { DATABASE_ACTIONS } from "./ddl.ts";
import { definition } from "./definitions.ts";
import { everyChild, expression } from "./expression.ts";
import { NOTHING, UNKNOWN } from "./origin.ts";
import { close, declare, execute, explain, fetch, prepare } from "./prepared.ts";
import { applyEffect, openBlock } from "./procedures.ts";
import { childScope, type QueryShape, type Run } from "./run.ts";
import { changeSetting } from "./settings.ts";
import { relationObject } from "./targets.ts";
import { bodyOf, kindOf, literalOf, qualified, textsOf } from "./tree.ts";

/** A statement without rows. */
const NO_ROWS: QueryShape = { columns: [], open: false, filters: NOTHING };

/** Analyses everything that is not a query or a write. A kind not named anywhere is opaque. */
export function utility(node: Node, run: Run): QueryShape {
  const session = sessionStatement(node, run) ?? execution(node, run);
  if (session) return session;
  if (definition(node, run)) return walked(node, run);
  const kind = kindOf(node);
  const action = DATABASE_ACTIONS[kind];
  if (action === undefined) {
    run.collector.giveUp(`${kind} is not understood`);
    return NO_ROWS;
  }
  run.collector.changesCatalogue = true;
  run.collector.redefines.push(...changesOf(node, run));
  run.collector.need(action, DATABASE);
  return walked(node, run);
}

/** Expressions inside DDL run now (USING, index expressions) or later (defaults, checks): all their calls count. */
function walked(node: Node, run: Run): QueryShape {
  const scope = childScope(undefined);
  scope.items.push({ alias: "", columns: [], open: true });
  for (const kindOfPart of expressionParts(bodyOf(node))) expression(kindOfPart, scope, run, "filter");
  return NO_ROWS;
}

const EXPRESSION_KINDS = new Set(["FuncCall", "A_Expr", "TypeCast", "SubLink", "BoolExpr", "CoalesceExpr", "CaseExpr"]);

/** The topmost expressions anywhere below a message. */
function* expressionParts(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (EXPRESSION_KINDS.has(key) && Object.keys(value).length === 1) {
      yield* asNode(value);
      return;
    }
    yield* expressionParts(inner);
  }
}

function* asNode(value: object): Generator<Node> {
  yield* everyNode(value);
}

function everyNode(value: object): Node[] {
  return isWrapped(value) ? [value] : [];
}

function isWrapped(value: object): value is Node {
  return Object.keys(value).length === 1;
}

function sessionStatement(node: Node, run: Run): QueryShape | undefined {
  const collector = run.collector;
  if ("TransactionStmt" in node) {
    collector.transaction = TRANSACTIONS[node.TransactionStmt.kind ?? ""] ?? "none";
    const twoPhase = /PREPARE|_PREPARED/.test(node.TransactionStmt.kind ?? "");
    collector.need(twoPhase ? "sql.admin.server" : "sql.read.session", DATABASE);
    return NO_ROWS;
  }
  if ("VariableSetStmt" in node) {
    const set = node.VariableSetStmt;
    const values = (set.args ?? []).map((arg) => literalOf(arg));
    const value =
      values.length > 0 && values.every((part) => part !== undefined) ? quotedList(set.name ?? "", values) : undefined;
    // SET TRANSACTION and SET SESSION CHARACTERISTICS. A snapshot shows what the session may read, as it was a moment ago.
    if (set.kind === "VAR_SET_MULTI") {
      collector.need("sql.read.session", DATABASE);
      return NO_ROWS;
    }
    if (set.kind === "VAR_RESET_ALL") collector.changesSession = true;
    // RESET ALL gives back what the enforcer itself set when it connected.
    changeSetting(set.kind === "VAR_RESET_ALL" ? "search_path" : (set.name ?? ""), value, set.is_local === true, run);
    return NO_ROWS;
  }
  if ("VariableShowStmt" in node || "ConstraintsSetStmt" in node || "UnlistenStmt" in node) {
    collector.need("sql.read.session", DATABASE);
    return { columns: [{ name: "setting", origin: NOTHING }], open: false, filters: NOTHING };
  }
  if ("DiscardStmt" in node) {
    collector.changesSession = true;
    collector.need("sql.read.session", DATABASE);
    return NO_ROWS;
  }
  if ("ListenStmt" in node) {
    // triggers and functions write payloads from any column
    collector.readsAnyClass = true;
    collector.need("sql.read.listen", DATABASE);
  } else if ("NotifyStmt" in node) collector.need("sql.write.notify", DATABASE);
  else if ("LockStmt" in node) lockTables(node.LockStmt, run);
  else return undefined;
  return NO_ROWS;
}

function quotedList(name: string, values: readonly (string | undefined)[]): string {
  if (name.toLowerCase() !== "search_path") return values.join(", ");
  return values.map((value) => `"${(value ?? "").replaceAll('"', '""')}"`).join(", ");
}

const TRANSACTIONS: Readonly<
  Record<string, "begin" | "commit" | "rollback" | "savepoint" | "release" | "rollback_to" | "prepare">
> = {
  TRANS_STMT_BEGIN: "begin",
  TRANS_STMT_START: "begin",
  TRANS_STMT_COMMIT: "commit",
  TRANS_STMT_ROLLBACK: "rollback",
  TRANS_STMT_SAVEPOINT: "savepoint",
  TRANS_STMT_RELEASE: "release",
  TRANS_STMT_ROLLBACK_TO: "rollback_to",
  TRANS_STMT_PREPARE: "prepare",
};

/** lockdefs.h: what every SELECT takes as well, so that nobody but DROP and ALTER waits for it. */
const ACCESS_SHARE = 1;

function lockTables({ mode, relations }: LockStmt, run: Run): void {
  const action = mode === ACCESS_SHARE ? "sql.read.select" : "sql.write.lock";
  for (const relation of relations ?? []) {
    if ("RangeVar" in relation) run.collector.need(action, relationObject(relation.RangeVar, run));
  }
}

function execution(node: Node, run: Run): QueryShape | undefined {
  if ("CopyStmt" in node) return copy(node.CopyStmt, run);
  if ("ExplainStmt" in node) return explain(node.ExplainStmt, run);
  if ("PrepareStmt" in node) return prepare(node.PrepareStmt, run);
  if ("ExecuteStmt" in node) return execute(node.ExecuteStmt, run);
  if ("DeclareCursorStmt" in node) return declare(node.DeclareCursorStmt, run);
  if ("FetchStmt" in node) return fetch(node.FetchStmt, run);
  if ("ClosePortalStmt" in node || "DeallocateStmt" in node) return close(run);
  if ("DoStmt" in node) return doBlock(node.DoStmt, run);
  if ("CallStmt" in node) return procedureCall(node, run);
  if ("VacuumStmt" in node) return vacuum(node, run);
  return undefined;
}

/** What runs DO blocks: the right to call it is the right to run procedural code of one's own. */
const INLINE_HANDLER = { kind: "function", schema: "pg_catalog", name: "plpgsql_inline_handler" } as const;

function doBlock(node: DoStmt, run: Run): QueryShape {
  const effect = openBlock(node, run);
  if (effect) {
    run.collector.need("sql.exec.call", INLINE_HANDLER);
    applyEffect(effect, NOTHING, run);
  } else {
    run.collector.dynamic = true;
    run.collector.giveUp("a DO block runs procedural code that is not understood");
  }
  return NO_ROWS;
}

function procedureCall(node: Node, run: Run): QueryShape | undefined {
  if (!("CallStmt" in node) || !node.CallStmt.funccall) return undefined;
  const call = node.CallStmt.funccall;
  const scope = childScope(undefined);
  const args = call.args ?? [];
  const origins = args.map((arg) => expression(arg, scope, run, "read"));
  const name = qualified(textsOf(call.funcname));
  const origin = callFunction(
    { name, argumentCount: args.length, origins, named: true, literals: args.map(literalOf) },
    scope,
    run,
  );
  // A procedure may commit: what follows it in a transaction is not what it seems.
  run.collector.need("sql.exec.call", procedureObject(name, run));
  return { columns: [{ name: name.name, origin }], open: true, filters: UNKNOWN };
}

function procedureObject(name: { schema: string | undefined; name: string }, run: Run) {
  const schema = name.schema ?? run.path.find((at) => run.catalogue.functionsByName.has(`${at}.${name.name}`)) ?? "";
  return { kind: "function", schema, name: name.name } as const;
}

function vacuum(node: Node, run: Run): QueryShape | undefined {
  if (!("VacuumStmt" in node)) return undefined;
  for (const relation of node.VacuumStmt.rels ?? []) {
    const range = "VacuumRelation" in relation ? relation.VacuumRelation.relation : undefined;
    run.collector.need("sql.admin.maintain", relationObject(range, run));
  }
  if (!node.VacuumStmt.rels) run.collector.need("sql.admin.maintain", DATABASE);
  everyChild(undefined, childScope(undefined), run, "filter");
  return NO_ROWS;
}
