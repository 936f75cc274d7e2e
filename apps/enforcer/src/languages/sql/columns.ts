import type { ColumnRef, Node } from "libpg-query";
import type { Use } from "./collector.ts";
import { computed, NOTHING, type Origin, UNKNOWN } from "./origin.ts";
import { noteUse, type Run, type Scope, type ScopeColumn, type ScopeItem } from "./run.ts";
import { textsOf } from "./tree.ts";

/** Columns that every table has besides its own; they hold nothing of the row's content. */
const SYSTEM_COLUMNS = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]);

/** How a reference was understood. `call` is the attribute notation of a function: `row.function`. */
export type ColumnMeaning =
  | { readonly kind: "value"; readonly origin: Origin }
  | { readonly kind: "call"; readonly name: string; readonly argument: Origin; readonly open: boolean };

/** Resolves a column reference that is not a star, noting its use. Outer scopes are searched after inner ones. */
export function resolveColumn(ref: ColumnRef, scope: Scope, run: Run, use: Use): ColumnMeaning {
  const parts = textsOf(ref.fields);
  const column = parts.at(-1) ?? "";
  if (parts.length === 1) return value(unqualified(column, scope, run, use));
  const item = findItem(scope, parts.at(-2) ?? "", parts.at(-3));
  if (!item) return value(argumentField(parts, scope) ?? lost(run, parts.join("."), scope));
  const found = fromItem(item, column, run, use);
  if (found) return value(found);
  return { kind: "call", name: column, argument: wholeRow(item, run, use), open: item.open };
}

/** The row itself as a value: every column of the item. */
export function wholeRow(item: ScopeItem, run: Run, use: Use): Origin {
  for (const column of item.columns) noteUse(run, item, column.stored ?? column.name, use);
  if (item.open) noteUse(run, item, "*", use);
  const origin = computed(...item.columns.map((column) => column.origin), item.open ? UNKNOWN : NOTHING);
  return { ...origin, exact: false };
}

/** Expands `*` or `x.*`; undefined when not all columns can be told. */
export function expandStar(ref: ColumnRef, scope: Scope, run: Run): readonly ScopeColumn[] | undefined {
  const parts = textsOf(ref.fields).slice(0, -1);
  const items = parts.length === 0 ? scope.items : [findItem(scope, parts.at(-1) ?? "", parts.at(-2))];
  for (const item of items) {
    if (item) wholeRow(item, run, "read");
    else lost(run, parts.join("."), scope);
  }
  if (items.some((item) => !item || item.open)) return undefined;
  return parts.length === 0 ? scope.star : (items[0]?.columns ?? []);
}

/** True for a reference that ends in `*`. */
export function isStar(ref: ColumnRef): boolean {
  const last: Node | undefined = ref.fields?.at(-1);
  return last !== undefined && "A_Star" in last;
}

/** Finds a FROM item by alias, and by schema where one is given; inner scopes first. */
export function findItem(scope: Scope, alias: string, schema?: string): ScopeItem | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const found = at.items.find((item) => item.alias === alias && (schema === undefined || item.schema === schema));
    if (found) return found;
  }
  return undefined;
}

function unqualified(column: string, scope: Scope, run: Run, use: Use): Origin {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const found = inOneScope(column, at, run, use);
    const hidden = found && scope.args?.hideColumns ? argumentNamed(column, scope) : undefined;
    if (found) return hidden ? computed(found, hidden) : found;
  }
  const argument = argumentNamed(column, scope);
  if (argument) return argument;
  const row = findItem(scope, column);
  return row ? wholeRow(row, run, use) : lost(run, column, scope);
}

/** All items that have the column count: a merged column is each of them. Unlisted columns make it unknown. */
function inOneScope(column: string, scope: Scope, run: Run, use: Use): Origin | undefined {
  const merged = scope.merged.find((candidate) => candidate.name === column);
  let found: Origin | undefined = merged?.origin;
  let open = false;
  for (const item of scope.items) {
    const own = listed(item, column, run, use);
    if (own) found = found && found !== own ? computed(found, own) : own;
    else if (item.open) {
      open = true;
      noteUse(run, item, "*", use);
    }
  }
  if (found) return open ? { ...found, exact: false, unknown: true } : found;
  if (open) return UNKNOWN;
  return scope.items.length > 0 && SYSTEM_COLUMNS.has(column) ? NOTHING : undefined;
}

function listed(item: ScopeItem, column: string, run: Run, use: Use): Origin | undefined {
  const own = item.columns.find((candidate) => candidate.name === column);
  if (!own) return undefined;
  noteUse(run, item, own.stored ?? column, use);
  return own.origin;
}

function fromItem(item: ScopeItem, column: string, run: Run, use: Use): Origin | undefined {
  const own = listed(item, column, run, use);
  if (own) return own;
  if (SYSTEM_COLUMNS.has(column)) return NOTHING;
  return undefined;
}

function argumentNamed(name: string, scope: Scope): Origin | undefined {
  const at = scope.args?.names.indexOf(name) ?? -1;
  return at < 0 ? undefined : (scope.args?.origins[at] ?? UNKNOWN);
}

/** `function_name.argument` or `argument.field` inside a SQL function's body. */
function argumentField(parts: readonly string[], scope: Scope): Origin | undefined {
  for (const part of parts) {
    const found = argumentNamed(part, scope);
    if (found) return { ...found, exact: false };
  }
  return undefined;
}

/**
 * A name that nothing here offers. Postgres would refuse it, unless the catalogue is out of date: then it could be any
 * column of what is in sight.
 */
function lost(run: Run, name: string, scope: Scope): Origin {
  run.collector.unresolved.add(name);
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    for (const item of at.items) noteUse(run, item, "*", "read");
  }
  return UNKNOWN;
}

function value(origin: Origin): ColumnMeaning {
  return { kind: "value", origin };
}

/** Whether any scope offers a column of that name: it wins over a row of that name, however far out it is. */
function offersColumnAnywhere(scope: Scope, name: string): boolean {
  for (let at: Scope | undefined = scope; at; at = at.parent) if (offersColumn(at, name)) return true;
  return false;
}

/** Whether the innermost scope offers a column of that name, without noting anything. */
export function offersColumn(scope: Scope, name: string): boolean {
  if (scope.merged.some((column) => column.name === name)) return true;
  return scope.items.some((item) => item.open || item.columns.some((column) => column.name === name));
}

/** `(row).column` of a FROM item is that column. */
export function columnOfRow(
  arg: Node | undefined,
  name: string | undefined,
  scope: Scope,
  run: Run,
  use: Use,
): Origin | undefined {
  if (!arg || !("ColumnRef" in arg) || name === undefined || name === "*") return undefined;
  const parts = textsOf(arg.ColumnRef.fields);
  const alias = parts[0] ?? "";
  // A column of that name would win over the row.
  if (parts.length !== 1 || offersColumnAnywhere(scope, alias)) return undefined;
  const item = scope.items.find((candidate) => candidate.alias === alias);
  if (!item?.columns.some((column) => column.name === name)) return undefined;
  const meaning = resolveColumn(
    { fields: [...(arg.ColumnRef.fields ?? []), { String: { sval: name } }] },
    scope,
    run,
    use,
  );
  return meaning.kind === "value" ? { ...meaning.origin, exact: false } : undefined;
}
