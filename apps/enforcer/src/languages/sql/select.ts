import type { CommonTableExpr, Node, ResTarget, SelectStmt } from "libpg-query";
import { expandStar, isStar } from "./columns.ts";
import { condition, everyChild, expression } from "./expression.ts";
import { fromItem } from "./from.ts";
import { startOf } from "./made-rows.ts";
import { grouping, ordering, orderingOfColumns } from "./ordering.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { outputName } from "./output-name.ts";
import { pinnedSetting } from "./pinned.ts";
import { childScope, DEPTH_MAX, type QueryShape, type Run, type Scope, type ScopeColumn, spend } from "./run.ts";
import { textsOf } from "./tree.ts";

/** More rounds than this over a recursive query and all its columns count as mixed. */
const RECURSION_ROUNDS_MAX = 6;

/** Analyses a SELECT, VALUES or set operation. */
export function selectQuery(select: SelectStmt, parent: Scope | undefined, outer: Run): QueryShape {
  const run = { ...outer, depth: outer.depth + 1 };
  run.collector.visited.add(select);
  spend(run);
  if (run.depth > DEPTH_MAX) {
    run.collector.giveUp("nested too deeply");
    return { columns: [], open: true, filters: UNKNOWN };
  }
  const scope = childScope(parent);
  withQueries(select.withClause?.ctes ?? [], select.withClause?.recursive === true, scope, run);
  const shape = body(select, scope, run);
  // the number of rows is the number given
  run.collector.correlate(condition(select.limitCount, scope, run));
  run.collector.correlate(condition(select.limitOffset, scope, run));
  if (select.intoClause) run.into(select.intoClause, shape, run);
  return shape;
}

function body(select: SelectStmt, scope: Scope, run: Run): QueryShape {
  if (select.op && select.op !== "SETOP_NONE") return setOperation(select, scope, run);
  if (select.valuesLists) {
    const shape = valuesLists(select.valuesLists, scope, run);
    orderingOfColumns(select, shape, [], run);
    return shape;
  }
  return plainSelect(select, scope, run);
}

function plainSelect(select: SelectStmt, scope: Scope, run: Run): QueryShape {
  const joins = (select.fromClause ?? []).map((item) => fromItem(item, scope, run));
  const where = condition(select.whereClause, scope, run);
  scope.pinned = pinnedSetting(select, scope, run);
  const { columns, open } = targets(select.targetList, scope, run);
  const having = condition(select.havingClause, scope, run);
  const windows = everyChild(select.windowClause, scope, run, "read");
  run.collector.filteredBy(windows);
  grouping({ select, columns, open }, scope, run);
  ordering({ select, columns, open }, scope, run);
  if (select.distinctClause) for (const column of columns) run.collector.filteredBy(column.origin);
  if (select.lockingClause) lockRows(select.lockingClause, scope, run);
  const windowed = windows.sources.size > 0 || windows.unknown;
  const shaped = windowed ? columns.map((c) => ({ ...c, origin: mixed(c.origin, windows) })) : columns;
  return { columns: shaped, open, filters: computed(...joins, where, having) };
}

function mixed(origin: Origin, windows: Origin): Origin {
  return origin.exact ? origin : computed(origin, windows);
}

/** A select list (or RETURNING): its columns, with stars expanded where all columns can be told. */
export function targets(
  nodes: readonly Node[] | undefined,
  scope: Scope,
  run: Run,
): { readonly columns: readonly ScopeColumn[]; readonly open: boolean } {
  const columns: ScopeColumn[] = [];
  let open = false;
  for (const node of nodes ?? []) {
    const target = "ResTarget" in node ? node.ResTarget : { val: node };
    const star = starOf(target, scope, run);
    if (star === "unknown") open = true;
    else if (star) columns.push(...star.map((column) => ({ name: column.name, origin: column.origin })));
    else columns.push({ name: outputName(target), origin: expression(target.val, scope, run, "read") });
  }
  return { columns, open };
}

/** The columns of `*`, `x.*` or `(x).*`; undefined when the target is no star. */
function starOf(target: ResTarget, scope: Scope, run: Run): readonly ScopeColumn[] | "unknown" | undefined {
  const value = target.val;
  if (!value) return undefined;
  if ("ColumnRef" in value && isStar(value.ColumnRef)) return expandStar(value.ColumnRef, scope, run) ?? "unknown";
  if (!("A_Indirection" in value)) return undefined;
  const last = value.A_Indirection.indirection?.at(-1);
  if (!last || !("A_Star" in last)) return undefined;
  expression(value, scope, run, "read");
  return "unknown";
}

function setOperation(select: SelectStmt, scope: Scope, run: Run): QueryShape {
  const empty: QueryShape = { columns: [], open: true, filters: UNKNOWN };
  const left = select.larg ? run.query(select.larg, scope, run) : empty;
  const right = select.rarg ? run.query(select.rarg, scope, run) : empty;
  const open = left.open || right.open || left.columns.length !== right.columns.length;
  const columns = left.columns.map((column, at) => ({
    name: column.name,
    origin: computed(column.origin, right.columns[at]?.origin ?? UNKNOWN),
  }));
  // Rows of one side decide which rows of the other are shown.
  if (!select.all || select.op !== "SETOP_UNION") for (const column of columns) run.collector.filteredBy(column.origin);
  const filters = computed(left.filters, right.filters);
  const shape = { columns, open, filters };
  const exact = columns.map(
    (_, at) => left.columns[at]?.origin.exact === true && right.columns[at]?.origin.exact === true,
  );
  orderingOfColumns(select, shape, exact, run);
  return shape;
}

function valuesLists(lists: readonly Node[], scope: Scope, run: Run): QueryShape {
  const columns: ScopeColumn[] = [];
  for (const list of lists) {
    const items = "List" in list ? (list.List.items ?? []) : [];
    items.forEach((item, at) => {
      const origin = expression(item, scope, run, "read");
      const before = columns[at];
      columns[at] = { name: `column${at + 1}`, origin: before ? computed(before.origin, origin) : origin };
    });
  }
  return { columns, open: false, filters: NOTHING };
}

/** FOR UPDATE and its kin keep others from writing. */
function lockRows(clauses: readonly Node[], scope: Scope, run: Run): void {
  for (const clause of clauses) {
    if (!("LockingClause" in clause)) continue;
    const named = (clause.LockingClause.lockedRels ?? []).flatMap((rel) => {
      if (!("RangeVar" in rel)) return [];
      run.collector.visited.add(rel.RangeVar);
      return [rel.RangeVar.relname ?? ""];
    });
    for (const item of scope.items) {
      if (item.table && (named.length === 0 || named.includes(item.alias))) {
        run.collector.need("sql.write.lock", item.table);
      }
    }
  }
}

/** WITH RECURSIVE lets a query refer to a later one: until that is analysed its columns are unknown. */
function forwardReferences(ctes: readonly Node[], scope: Scope): void {
  for (const node of ctes) {
    if (!("CommonTableExpr" in node)) continue;
    const name = node.CommonTableExpr.ctename ?? "";
    if (!scope.ctes.has(name)) scope.ctes.set(name, { columns: [], open: true, filters: UNKNOWN });
  }
}

/** Analyses WITH queries in order; `recursive` ones see themselves and each other. */
export function withQueries(ctes: readonly Node[], recursive: boolean, scope: Scope, run: Run): void {
  if (recursive) forwardReferences(ctes, scope);
  for (const node of ctes) if ("CommonTableExpr" in node) withQuery(node.CommonTableExpr, recursive, scope, run);
}

function withQuery(cte: CommonTableExpr, recursive: boolean, scope: Scope, run: Run): void {
  const name = cte.ctename ?? "";
  const query = cte.ctequery;
  if (!query) return;
  let shape = recursive && "SelectStmt" in query ? recursiveQuery(query.SelectStmt, cte, scope, run) : undefined;
  shape ??= named(run.statement(query, scope, run), cte);
  const written = "SelectStmt" in query ? { written: startOf(query.SelectStmt, recursive) } : {};
  scope.ctes.set(name, { ...withOrderAndCycles(shape, cte, run), ...written });
}

/** SEARCH and CYCLE add columns after the query's own; CYCLE stops where its columns repeat, which chooses rows. */
function withOrderAndCycles(shape: QueryShape, cte: CommonTableExpr, run: Run): QueryShape {
  const { cycle_clause: cycle, search_clause: search } = cte;
  if (!search && !cycle) return shape;
  const madeOf = (names: readonly string[]) =>
    computed(...names.map((name) => shape.columns.find((column) => column.name === name)?.origin ?? UNKNOWN));
  const columns = [...shape.columns];
  if (search) columns.push({ name: search.search_seq_column ?? "", origin: madeOf(textsOf(search.search_col_list)) });
  if (cycle) {
    const repeats = madeOf(textsOf(cycle.cycle_col_list));
    run.collector.filteredBy(repeats);
    run.collector.correlate(repeats);
    columns.push({ name: cycle.cycle_mark_column ?? "", origin: repeats });
    columns.push({ name: cycle.cycle_path_column ?? "", origin: repeats });
  }
  return { ...shape, columns };
}

/** Goes round until the recursive part adds no source. */
function recursiveQuery(select: SelectStmt, cte: CommonTableExpr, scope: Scope, run: Run): QueryShape {
  const name = cte.ctename ?? "";
  const start = select.larg ? run.query(select.larg, withOwnQueries(select, scope, run), run) : undefined;
  if (start) scope.ctes.set(name, named(start, cte));
  let shape = named(run.query(select, scope, run), cte);
  for (let round = 0; start && round < RECURSION_ROUNDS_MAX; round += 1) {
    const before = sourceCount(shape);
    scope.ctes.set(name, shape);
    shape = named(run.query(select, scope, run), cte);
    if (sourceCount(shape) === before) return shape;
  }
  const all = computed(...shape.columns.map((column) => column.origin));
  return { ...shape, columns: shape.columns.map((column) => ({ name: column.name, origin: all })) };
}

function withOwnQueries(select: SelectStmt, scope: Scope, run: Run): Scope {
  const inner = childScope(scope);
  withQueries(select.withClause?.ctes ?? [], select.withClause?.recursive === true, inner, run);
  return inner;
}

function sourceCount(shape: QueryShape): number {
  return shape.columns.reduce((sum, column) => sum + column.origin.sources.size + (column.origin.unknown ? 1 : 0), 0);
}

function named(shape: QueryShape, cte: CommonTableExpr): QueryShape {
  const names = textsOf(cte.aliascolnames);
  if (names.length === 0) return shape;
  return { ...shape, columns: shape.columns.map((column, at) => ({ ...column, name: names[at] ?? column.name })) };
}
