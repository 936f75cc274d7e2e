import type { DeclareCursorStmt, ExecuteStmt, ExplainStmt, FetchStmt, PrepareStmt } from "libpg-query";
import type { StatementFacts } from "../facts.ts";
import { looksNamesUpLate } from "../late-names.ts";
import { Collector, DATABASE } from "./collector.ts";
import { commandOf } from "./ddl.ts";
import { expression } from "./expression.ts";
import { finish } from "./finish.ts";
import { computed, NOTHING, UNKNOWN } from "./origin.ts";
import { childScope, type QueryShape, type Run } from "./run.ts";
import { kindOf } from "./tree.ts";

const NO_ROWS: QueryShape = { columns: [], open: false, filters: NOTHING };
/** Rows whose origin only the prepared statement knows. */
const ROWS_UNKNOWN: QueryShape = { columns: [], open: true, filters: UNKNOWN };

/** PREPARE needs already what EXECUTE will do, so that a name never outlives a refusal. */
export function prepare(node: PrepareStmt, run: Run): QueryShape {
  const inner = new Collector();
  const shape = node.query ? run.statement(node.query, undefined, { ...run, collector: inner }) : NO_ROWS;
  const command = node.query ? commandOf(kindOf(node.query)) : "SELECT";
  const facts = finish(inner, { command, shape, span: [0, 0], returnsRows: shape.open || shape.columns.length > 0 });
  keep(run, inner, { kind: "statement", name: node.name ?? "", facts });
  return NO_ROWS;
}

/** CURSOR_OPT_HOLD of parsenodes.h. */
const CURSOR_WITH_HOLD = 0x20;

/** DECLARE opens the query: it runs as FETCH asks for rows. */
export function declare(node: DeclareCursorStmt, run: Run): QueryShape {
  const inner = new Collector();
  const shape = node.query ? run.statement(node.query, undefined, { ...run, collector: inner }) : NO_ROWS;
  const facts = finish(inner, { command: "SELECT", shape, span: [0, 0], returnsRows: true });
  if (((node.options ?? 0) & CURSOR_WITH_HOLD) !== 0 && looksNamesUpLate(facts))
    inner.giveUp("a cursor WITH HOLD runs functions when its transaction ends, under the settings of then");
  keep(run, inner, { kind: "cursor", name: node.portalname ?? "", facts });
  return NO_ROWS;
}

function keep(run: Run, inner: Collector, prepared: NonNullable<StatementFacts["prepares"]>): void {
  run.collector.absorb(inner);
  run.collector.prepares = prepared;
}

/** EXECUTE does what was prepared; its arguments are expressions of their own. */
export function execute(node: ExecuteStmt, run: Run): QueryShape {
  for (const param of node.params ?? []) expression(param, childScope(undefined), run, "read");
  // Arguments that are opaque themselves keep the whole opaque, whatever was prepared.
  if (!run.collector.opaque) run.collector.executes = { kind: "statement", name: node.name ?? "" };
  run.collector.giveUp("what was prepared under this name is not known");
  return ROWS_UNKNOWN;
}

/** FETCH and MOVE run a cursor's query further. */
export function fetch(node: FetchStmt, run: Run): QueryShape {
  run.collector.executes = { kind: "cursor", name: node.portalname ?? "" };
  run.collector.giveUp("what this cursor reads is not known");
  return node.ismove ? NO_ROWS : ROWS_UNKNOWN;
}

/** CLOSE and DEALLOCATE. */
export function close(run: Run): QueryShape {
  run.collector.need("sql.read.session", DATABASE);
  return NO_ROWS;
}

/**
 * EXPLAIN shows a plan; with ANALYZE it also does the thing. Planning may already run functions that are not volatile
 * and show what they gave, so calls count either way and make the plan's text unknown.
 */
export function explain(node: ExplainStmt, run: Run): QueryShape {
  const analyse = (node.options ?? []).some((option) => "DefElem" in option && option.DefElem.defname === "analyze");
  const inner = new Collector();
  if (node.query) run.statement(node.query, undefined, { ...run, collector: inner });
  inner.prepares = undefined;
  inner.settle();
  for (const access of inner.accesses.values()) {
    const shown = run.collector.need("sql.read.explain", access.object.kind === "table" ? access.object : DATABASE);
    for (const column of [...access.read, ...access.written]) shown.read.add(column);
    for (const column of access.filtered) shown.filtered.add(column);
    for (const column of access.probed) shown.probed.add(column);
  }
  run.collector.need("sql.read.explain", DATABASE);
  // Without ANALYZE no row is touched: what would be read or written is only explained.
  run.collector.absorb(inner, (action) => (analyse || !isTableAction(action) ? action : "sql.read.explain"));
  run.collector.executes = inner.executes;
  run.collector.unbounded &&= analyse;
  if (!analyse) run.collector.persists.splice(0);
  // "actual rows" counts what a value decided
  const counted = analyse ? computed(...inner.correlated) : NOTHING;
  const origin = inner.functions.size > 0 || inner.opaque ? UNKNOWN : counted;
  return { columns: [{ name: "QUERY PLAN", origin }], open: false, filters: NOTHING };
}

function isTableAction(action: string): boolean {
  return action === "sql.read.select" || action.startsWith("sql.write.");
}
