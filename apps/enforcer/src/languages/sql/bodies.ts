import type { Node } from "libpg-query";
import type { CatalogueFunction } from "../facts.ts";
import { checkCoverage } from "./coverage.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { bodyRun, resolvedRun } from "./rights.ts";
import { childScope, type QueryShape, type Run } from "./run.ts";

/** Functions inside functions are followed this deep. */
const BODY_DEPTH_MAX = 16;

/**
 * Opens the body of a SQL function for one call: its accesses become the statement's, its result is what its last
 * statement gives. Undefined when it cannot be opened; then the call counts as unknown.
 */
export function openFunction(
  called: CatalogueFunction,
  call: { readonly origins: readonly Origin[]; readonly named?: boolean },
  run: Run,
): QueryShape | undefined {
  const key = `${called.schema}.${called.name}/${called.oid}`;
  const own = bodyRun(called, run);
  if (called.source === undefined || !own || run.opening.length > BODY_DEPTH_MAX) return undefined;
  if (run.opening.includes(key)) return itself(called, key, run);
  const statements = bodyStatements(called, called.source, run);
  if (!statements) return undefined;
  const inner: Run = { ...own, opening: [...run.opening, key] };
  const origins = argumentOrigins(called, call);
  const names = (called.argumentNames ?? []).map((name, at) => name || `$${at + 1}`);
  const before = run.collector.redefines.length;
  let last: QueryShape = { columns: [], open: false, filters: NOTHING };
  for (const statement of statements) {
    last = inner.statement(statement, { ...childScope(undefined), args: { names, origins } }, inner);
    checkCoverage(statement, inner);
  }
  if (run.collector.redefines.length > before && statements.length > 1)
    run.collector.giveUp(`${called.schema}.${called.name} changes what names in it mean`);
  return resultShape(called, last);
}

/** A call of what is being opened does nothing that is not counted already; what it gives is not told. */
function itself(called: CatalogueFunction, key: string, run: Run): QueryShape {
  run.collector.recursesInto.add(key);
  return resultShape(called, { columns: [], open: true, filters: NOTHING });
}

/**
 * Expressions that stand in for arguments that a call leaves out; their names were resolved when they were written. Tells
 * where their values come from.
 */
export function openDefaults(
  called: CatalogueFunction,
  call: { readonly argumentCount: number; readonly named?: boolean },
  run: Run,
): Origin {
  if (called.defaults === undefined || (call.argumentCount === called.argumentCount && !call.named)) return NOTHING;
  const key = `${called.schema}.${called.name}/${called.oid}/defaults`;
  if (run.opening.includes(key)) return UNKNOWN;
  const parsed = run.parser.parse(`SELECT ${called.defaults}`);
  const [statement] = parsed.ok ? parsed.statements : [];
  if (!statement) {
    run.collector.giveUp(`defaults of ${called.schema}.${called.name} are not understood`);
    return UNKNOWN;
  }
  const inner: Run = { ...resolvedRun(run), opening: [...run.opening, key] };
  const shape = inner.statement(statement.node, undefined, inner);
  checkCoverage(statement.node, inner);
  return computed(...shape.columns.map((column) => column.origin), shape.filters, shape.open ? UNKNOWN : NOTHING);
}

/** By position where that is sure; named, variadic and defaulted arguments could each be any of those given. */
function argumentOrigins(
  called: CatalogueFunction,
  call: { readonly origins: readonly Origin[]; readonly named?: boolean },
): readonly Origin[] {
  if (!call.named && call.origins.length === called.argumentCount) {
    return call.origins.map((origin) => ({ ...origin, exact: false }));
  }
  const any = computed(...call.origins);
  return Array.from({ length: Math.max(called.argumentCount, call.origins.length) }, () => any);
}

/** A catalogue's function never changes: a new one takes its place. */
const parsedBodies = new WeakMap<CatalogueFunction, readonly Node[]>();

function bodyStatements(called: CatalogueFunction, source: string, run: Run): readonly Node[] | undefined {
  const known = parsedBodies.get(called);
  if (known) return known;
  const parsed = parseBody(source, run);
  if (parsed) parsedBodies.set(called, parsed);
  return parsed;
}

/** The statements of a string body, or of BEGIN ATOMIC … END, or the expression of RETURN. */
function parseBody(source: string, run: Run): readonly Node[] | undefined {
  if (!/^\s*(BEGIN\s+ATOMIC|RETURN)\b/i.test(source)) {
    const parsed = run.parser.parse(source);
    return parsed.ok ? parsed.statements.map((statement) => statement.node) : undefined;
  }
  const parsed = run.parser.parse(`CREATE FUNCTION f() RETURNS void LANGUAGE sql ${source}`);
  const node = parsed.ok ? parsed.statements[0]?.node : undefined;
  if (!node || !("CreateFunctionStmt" in node) || !node.CreateFunctionStmt.sql_body) return undefined;
  return flatten(node.CreateFunctionStmt.sql_body);
}

function flatten(node: Node): Node[] {
  return "List" in node ? (node.List.items ?? []).flatMap(flatten) : [node];
}

function resultShape(called: CatalogueFunction, last: QueryShape): QueryShape {
  const names = called.resultColumns;
  const all = computed(...last.columns.map((column) => column.origin), last.filters, last.open ? UNKNOWN : NOTHING);
  if (!names || names.length === 0) {
    const columns = [{ name: called.name, origin: { ...all, exact: false } }];
    return { columns, open: false, ...(called.anyResult ? { anyResult: true } : {}), filters: last.filters };
  }
  const fits = !last.open && last.columns.length === names.length;
  const columns = names.map((name, at) => {
    const origin = fits ? (last.columns[at]?.origin ?? UNKNOWN) : all;
    return { name, origin: { ...origin, exact: false } };
  });
  return { columns, open: false, declared: true, filters: last.filters };
}
