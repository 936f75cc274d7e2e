import type { CatalogueFunction } from "../facts.ts";
import { openDefaults, openFunction } from "./bodies.ts";
import { BUILTIN_EFFECTS, COUNTING, extensionEffect, HARMLESS_EXTENSION } from "./builtin-functions.ts";
import { Collector, DATABASE } from "./collector.ts";
import { LEAKY_SOURCE } from "./leaky.ts";
import { findFunctions, findRelation, isSystemSchema, splitIdentifiers } from "./names.ts";
import { columnOrigin, computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { applyEffect, openProcedure } from "./procedures.ts";
import { type QueryShape, type Run, type Scope, tableObject } from "./run.ts";
import { setSetting } from "./settings.ts";

/** Objects with smaller OIDs came with the server. */
const FIRST_USER_OID = 16_384;

/** A function call as written. */
export interface Call {
  readonly name: { readonly schema: string | undefined; readonly name: string };
  readonly argumentCount: number;
  readonly origins: readonly Origin[];
  /** literal arguments, undefined where an argument is not a literal */
  readonly literals: readonly (string | undefined)[];
  /** arguments were given by name, in any order */
  readonly named?: boolean;
  /** field selection: not a call at all when no function has that name */
  readonly onlyIfKnown?: boolean;
}

/** Notes what a call needs and tells where its value comes from. All functions it could mean count together. */
export function callFunction(call: Call, scope: Scope, run: Run): Origin {
  const shape = callShape(call, scope, run);
  const origin = computed(...shape.columns.map((column) => column.origin), shape.open ? UNKNOWN : NOTHING);
  return { ...origin, exact: false };
}

/** The same for a function in FROM, where it may give several columns. */
export function callShape(call: Call, scope: Scope, run: Run): QueryShape {
  const candidates = findFunctions(run.catalogue, run.path, call.name);
  // `type(x)` and `(x).type` are casts. A cast's function may bear its type's name: it is among the candidates already.
  for (const key of run.catalogue.typeFunctions?.get(call.name.name) ?? [])
    if (!candidates.some(({ schema, name }) => `${schema}.${name}` === key)) callByKey(key, scope, run);
  const inputs = computed(...call.origins);
  if (candidates.length === 0) return unknownFunction(call, inputs, run);
  const shapes = candidates.map((candidate) => oneCandidate(candidate, call, inputs, scope, run));
  const [first, ...others] = shapes;
  if (first && others.length === 0) return first;
  const merged = computed(...shapes.flatMap((shape) => shape.columns.map((column) => column.origin)));
  const names = (first?.columns ?? []).map((column) => column.name);
  const alike = shapes.every((shape) => !shape.open && shape.columns.length === names.length);
  return {
    columns: alike ? names.map((name) => ({ name, origin: merged })) : [{ name: call.name.name, origin: merged }],
    open: !alike,
    ...(shapes.some((shape) => shape.anyResult) ? { anyResult: true } : {}),
    filters: NOTHING,
  };
}

/** Operators are function calls; those that are not built in are looked up. */
export function callOperator(name: string, scope: Scope, run: Run): void {
  for (const key of run.catalogue.operators?.get(name) ?? []) callUnseen(key, scope, run);
}

/** Casts to types whose casts or domain checks call functions that are not built in. */
export function callType(name: string, scope: Scope, run: Run): void {
  for (const key of run.catalogue.typeFunctions?.get(name) ?? []) callUnseen(key, scope, run);
}

/** A function behind an operator or cast: what it adds to what it is given can be in any value of the statement. */
export function callUnseen(key: string, scope: Scope, run: Run): void {
  callByKey(key, scope, run);
  const own = callByKey(key, scope, { ...run, collector: new Collector() }, NOTHING);
  if (own.unknown || own.sources.size > 0) run.collector.correlated.push(own);
}

/** Calls a function that the statement does not name, by its "schema.name"; tells what it can give. */
export function callByKey(key: string, scope: Scope, run: Run, given = UNKNOWN): Origin {
  const dot = key.indexOf(".");
  const name = { schema: key.slice(0, dot), name: key.slice(dot + 1) };
  const call: Call = { name, argumentCount: -1, origins: [given], literals: [] };
  return run.collector.besides(() => callFunction(call, scope, run));
}

function unknownFunction(call: Call, inputs: Origin, run: Run): QueryShape {
  const full = call.name.schema !== undefined ? `${call.name.schema}.${call.name.name}` : call.name.name;
  if (call.onlyIfKnown && !run.catalogue.unsure?.functions.has(call.name.name)) return single(call.name.name, inputs);
  run.collector.unresolved.add(full);
  run.collector.functions.add(full);
  run.collector.giveUp(`function ${full} is not in the catalogue`);
  return { columns: [{ name: call.name.name, origin: UNKNOWN }], open: true, filters: NOTHING };
}

function oneCandidate(candidate: CatalogueFunction, call: Call, given: Origin, scope: Scope, run: Run): QueryShape {
  const ownToServer = isSystemSchema(candidate.schema) && candidate.oid < FIRST_USER_OID;
  const left = ownToServer ? NOTHING : openDefaults(candidate, call, run);
  const inputs = computed(given, left);
  if (candidate.returnsSet) {
    // how many rows it gives tells what it was given
    run.collector.filteredBy(inputs);
    run.collector.correlate(inputs);
  }
  if (ownToServer) return builtin(candidate, call, inputs, scope, run);
  run.collector.functions.add(`${candidate.schema}.${candidate.name}`);
  checkValues(candidate, scope, run);
  if (candidate.language === "plpgsql") {
    const effect = openProcedure(candidate, run);
    if (effect?.collector.opaque) sink(candidate, inputs, run);
    if (effect) return shapeOf(candidate, applyEffect(effect, inputs, run));
  }
  if (candidate.language === "sql" && candidate.kind !== "aggregate") {
    const origins = left === NOTHING ? call.origins : [...call.origins, left];
    const opened = openFunction(candidate, { ...call, origins }, run);
    if (opened) return opened;
  }
  // Only superusers make functions in these: what they declare immutable is (citext's casts are built-in functions).
  if ((candidate.language === "c" || candidate.language === "internal") && candidate.kind !== "aggregate") {
    const pure = candidate.volatility === "immutable" || HARMLESS_EXTENSION.has(candidate.name);
    if (pure && !candidate.securityDefiner) return shapeOf(candidate, inputs);
  }
  return opaqueFunction(candidate, inputs, run);
}

/** What it takes and gives may have to pass its domains' checks, which may take and give such values themselves. */
function checkValues({ checks, oid }: CatalogueFunction, scope: Scope, run: Run): void {
  const key = `${oid}/checks`;
  if (!checks || run.opening.includes(key)) return;
  for (const check of checks) callUnseen(check, scope, { ...run, opening: [...run.opening, key] });
}

/** A body that is not opened can read and write anything its owner can. */
function opaqueFunction(candidate: CatalogueFunction, inputs: Origin, run: Run): QueryShape {
  run.collector.need("sql.exec.call", { kind: "function", schema: candidate.schema, name: candidate.name });
  run.collector.doubt(`what ${candidate.schema}.${candidate.name} does is not known`);
  const known = candidate.language === "c" ? extensionEffect(candidate.name) : undefined;
  if (known === "server") run.collector.need("sql.admin.server", DATABASE);
  if (known === "dynamic") {
    run.collector.dynamic = true;
    run.collector.giveUp(`${candidate.name} runs what it is given`);
  }
  sink(candidate, inputs, run);
  return shapeOf(candidate, UNKNOWN);
}

/** What is given to such a function can come back from where nothing tells its origin: settings, sequences, messages. */
function sink(called: CatalogueFunction, inputs: Origin, run: Run): void {
  run.collector.persist({ schema: called.schema, table: called.name, column: "*" }, computed(inputs));
}

function builtin(candidate: CatalogueFunction, call: Call, inputs: Origin, scope: Scope, run: Run): QueryShape {
  const effect = BUILTIN_EFFECTS.get(candidate.name);
  if (!effect) {
    if (COUNTING.has(candidate.name) && call.origins.every((origin) => origin.exact))
      return single(candidate.name, NOTHING);
    if (candidate.volatility !== "volatile") return shapeOf(candidate, inputs);
    run.collector.functions.add(`${candidate.schema}.${candidate.name}`);
    run.collector.need("sql.exec.call", { kind: "function", schema: candidate.schema, name: candidate.name });
    sink(candidate, inputs, run);
    return shapeOf(candidate, inputs);
  }
  if (effect.kind === "harmless") return shapeOf(candidate, inputs);
  run.collector.functions.add(`${candidate.schema}.${candidate.name}`);
  if (effect.kind === "leaky") {
    run.collector.readsAnyClass = true;
    return shapeOf(candidate, columnOrigin(LEAKY_SOURCE));
  }
  if (effect.kind === "dynamic") {
    run.collector.dynamic = true;
    run.collector.giveUp(`${candidate.name} runs what it is given`);
    return shapeOf(candidate, UNKNOWN);
  }
  if (effect.kind === "typed") {
    for (const key of new Set([...(run.catalogue.typeFunctions?.values() ?? [])].flat())) callByKey(key, scope, run);
    return shapeOf(candidate, inputs);
  }
  sink(candidate, inputs, run);
  if (effect.kind === "sink") return shapeOf(candidate, inputs);
  if (effect.kind === "sequence") sequenceCall(call, run);
  else if (candidate.name === "set_config") setSetting(call.literals, run);
  else run.collector.need(effect.action, DATABASE);
  return shapeOf(candidate, inputs);
}

function sequenceCall(call: Call, run: Run): void {
  const literal = call.literals[0];
  const parts = literal === undefined ? [] : splitDotted(literal);
  const name = { schema: parts.at(-2), name: parts.at(-1) ?? "" };
  const found = parts.length > 0 ? findRelation(run.catalogue, run.path, name, run.settings.temporaryNames) : undefined;
  if (found) run.collector.need("sql.write.update", tableObject(found));
  else run.collector.need("sql.exec.call", { kind: "function", schema: "pg_catalog", name: call.name.name });
}

function splitDotted(name: string): string[] {
  return splitIdentifiers(name.replaceAll(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ","));
}

/** The columns a function gives: declared ones, else one under its own name (which an alias may rename). */
function shapeOf(candidate: CatalogueFunction, origin: Origin): QueryShape {
  const inexact = { ...origin, exact: false };
  const names = candidate.resultColumns;
  if (names && names.length > 0) {
    return { columns: names.map((name) => ({ name, origin: inexact })), open: false, declared: true, filters: NOTHING };
  }
  const shape = single(candidate.name, inexact);
  return candidate.anyResult ? { ...shape, anyResult: true } : shape;
}

function single(name: string, origin: Origin): QueryShape {
  return { columns: [{ name, origin: { ...origin, exact: false } }], open: false, filters: NOTHING };
}
