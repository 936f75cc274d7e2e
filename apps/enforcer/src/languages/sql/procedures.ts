import type { DoStmt, Node } from "libpg-query";
import type { Catalogue, CatalogueFunction, SourceColumn } from "../facts.ts";
import { afterChanges } from "./after-changes.ts";
import { Collector } from "./collector.ts";
import { checkCoverage } from "./coverage.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { type EmbeddedText, type ProceduralBody, proceduralBody } from "./procedural-text.ts";
import { bodyRun } from "./rights.ts";
import { childScope, type QueryShape, type Run, type Scope, spend } from "./run.ts";
import { literalOf } from "./tree.ts";

/** Procedures inside procedures are followed this deep. */
const NESTING_MAX = 16;
/** Opened bodies kept per catalogue; more than these (by search path, role, temporary names) and all are opened anew. */
const KEPT_MAX = 2_000;

/**
 * What a PL/pgSQL body does, whatever it is called with. Its variables are not followed one by one: what it gives back or
 * stores can carry anything that it reads, and whatever it is given.
 */
export interface ProcedureEffect {
  readonly collector: Collector;
  readonly carries: Origin;
  /** columns that its statements write values to */
  readonly stores: readonly SourceColumn[];
}

const keptByCatalogue = new WeakMap<Catalogue, Map<string, ProcedureEffect>>();

/**
 * Opens a function, procedure or trigger function in PL/pgSQL, under its own search path and rights. Undefined when any
 * part of it is not understood; then the call counts as unknown. Kept per version of the catalogue.
 */
export function openProcedure(called: CatalogueFunction, run: Run): ProcedureEffect | undefined {
  const opening = `${called.schema}.${called.name}/${called.oid}`;
  const inner = bodyRun(called, run);
  if (called.source === undefined || !inner) return undefined;
  if (run.opening.includes(opening)) return itself(opening);
  if (run.opening.length > NESTING_MAX) return undefined;
  const { path, settings } = inner;
  const { role, searchPath, standardConformingStrings, temporaryNames } = settings;
  const key = JSON.stringify([called.oid, path, searchPath, role, standardConformingStrings, temporaryNames ?? []]);
  const kept = keptFor(run.catalogue);
  const known = kept.get(key);
  if (known) return known;
  const body = proceduralBody(called.source, run.parser);
  if (!body) return undefined;
  const effect = effectOf(body, { ...inner, opening: [...run.opening, opening] });
  effect.collector.recursesInto.delete(opening);
  // What is not fully known may be so because of what is being opened around it.
  if (!effect.collector.opaque && effect.collector.recursesInto.size === 0) {
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, effect);
  }
  return effect;
}

/** A call of what is being opened adds nothing to it. */
function itself(opening: string): ProcedureEffect {
  const collector = new Collector();
  collector.recursesInto.add(opening);
  return { collector, carries: NOTHING, stores: [] };
}

function keptFor(catalogue: Catalogue): Map<string, ProcedureEffect> {
  let kept = keptByCatalogue.get(catalogue);
  if (!kept) {
    kept = new Map();
    keptByCatalogue.set(catalogue, kept);
  }
  return kept;
}

/** DO: the effect of its body, or undefined when it is not PL/pgSQL or not understood. */
export function openBlock(node: DoStmt, run: Run): ProcedureEffect | undefined {
  const options = new Map<string, string | undefined>();
  for (const option of node.args ?? [])
    if ("DefElem" in option) options.set(option.DefElem.defname ?? "", literalOf(option.DefElem.arg));
  const source = options.get("as");
  if (source === undefined || (options.get("language") ?? "plpgsql") !== "plpgsql") return undefined;
  if (!run.settings.standardConformingStrings && source.includes("\\")) return undefined;
  const body = proceduralBody(`DO ${dollarQuoted(source)}`, run.parser);
  if (!body) return undefined;
  const effect = effectOf(body, run);
  // It is the caller's own: where it stops, and whether it fails, tells what it read.
  effect.collector.probedBy(effect.carries);
  return effect;
}

function dollarQuoted(text: string): string {
  let tag = "$body$";
  for (let number = 0; text.includes(tag); number += 1) tag = `$body${number}$`;
  return `${tag}${text}${tag}`;
}

/** Adds what a body does to a statement. `given` is what it was called with; `into` tells what it can give back. */
export function applyEffect(effect: ProcedureEffect, given: Origin, run: Run): Origin {
  const carries = computed(effect.carries, given);
  run.collector.absorb(effect.collector);
  for (const column of effect.stores) run.collector.persist(column, carries);
  // Its own conditions may have used what it was given, and how often it ran tells what it found.
  run.collector.filteredBy(given);
  run.collector.correlate(effect.carries);
  return carries;
}

function effectOf(body: ProceduralBody, outer: Run): ProcedureEffect {
  const collector = new Collector();
  collector.keepsStores = true;
  const run: Run = { ...outer, collector };
  const scope = bodyScope(body);
  const parts = body.texts.map((text) => embedded(text, scope, run));
  // its order is not followed: each part may run behind each definition
  if (collector.redefines.length > 0 && body.texts.length > 1) {
    const behind: Run = { ...run, catalogue: afterChanges(run.catalogue, collector.redefines.slice()) };
    parts.push(...body.texts.map((text) => embedded(text, scope, behind)));
  }
  for (const type of body.types) noteType(type, scope, run);
  if (collector.changesSession) collector.giveUp("a procedure changes what later names mean");
  if (collector.temporary.size > 0) collector.giveUp("a procedure makes temporary objects that its own names may mean");
  if (body.opensCursors) collector.opensCursors = true;
  const stores = collector.persists.splice(0).map((value) => value.into);
  const carries = computed(
    ...parts,
    ...collector.correlated,
    ...collector.stored,
    body.readsErrors ? UNKNOWN : NOTHING,
  );
  return { collector, carries, stores };
}

/** Variables win over nothing and lose against nothing: `variable_conflict` is the body's own choice. */
function bodyScope(body: ProceduralBody): Scope {
  const names = [...body.variables];
  return { ...childScope(undefined), args: { names, origins: names.map(() => NOTHING), hideColumns: true } };
}

/** One text: what it does is noted, what it can give is returned. */
function embedded(part: EmbeddedText, scope: Scope, run: Run): Origin {
  spend(run);
  const parsed = run.parser.parse(part.form === "expression" ? `SELECT ${part.text}` : part.text);
  const [statement, ...others] = parsed.ok ? parsed.statements : [];
  if (!statement || others.length > 0 || (part.form === "expression" && !isPlainSelect(statement.node))) {
    run.collector.giveUp("a part of a procedure is not understood");
    return UNKNOWN;
  }
  const origin = oneStatement(statement.node, scope, run);
  return part.dynamic ? computed(origin, dynamicText(statement.node, scope, run)) : origin;
}

function oneStatement(node: Node, scope: Scope, run: Run): Origin {
  const shape = run.statement(node, childScope(scope), run);
  checkCoverage(node, run);
  return everythingOf(shape);
}

function everythingOf(shape: QueryShape): Origin {
  return computed(...shape.columns.map((column) => column.origin), shape.filters, shape.open ? UNKNOWN : NOTHING);
}

/** EXECUTE of a constant runs that; of anything else it could run anything. */
function dynamicText(node: Node, scope: Scope, run: Run): Origin {
  const text = constantText(node);
  const parsed = text === undefined || text.includes("\0") ? undefined : run.parser.parse(text);
  if (!parsed?.ok) {
    run.collector.dynamic = true;
    run.collector.giveUp("a procedure runs SQL that it makes as it goes");
    return UNKNOWN;
  }
  // Its parameters are what USING gives; the body's variables are not visible in it.
  const inner: Scope = { ...scope, args: { names: [], origins: (scope.args?.names ?? []).map(() => NOTHING) } };
  return computed(...parsed.statements.map((statement) => oneStatement(statement.node, inner, run)));
}

function constantText(node: Node): string | undefined {
  const [target] = "SelectStmt" in node ? (node.SelectStmt.targetList ?? []) : [];
  const value = target && "ResTarget" in target ? target.ResTarget.val : undefined;
  return value && "A_Const" in value && value.A_Const.sval ? (value.A_Const.sval.sval ?? "") : undefined;
}

function isPlainSelect(node: Node): boolean {
  return "SelectStmt" in node && !node.SelectStmt.intoClause && (node.SelectStmt.op ?? "SETOP_NONE") === "SETOP_NONE";
}

/** `schema.type[]`, `numeric(10,2)` …; a type taken from a column could be any. */
function noteType(type: string, scope: Scope, run: Run): void {
  const known = run.catalogue.typeFunctions;
  if (!known || known.size === 0) return;
  if (type.includes("%")) for (const name of known.keys()) run.type(name, scope, run);
  const name = /(?:^|\.)\s*(?:"((?:[^"]|"")+)"|([\w$]+))\s*(?:\([^)]*\))?\s*(?:\[[^\]]*\]\s*)*$/.exec(type);
  run.type(name?.[1]?.replaceAll('""', '"') ?? name?.[2]?.toLowerCase() ?? type, scope, run);
}
