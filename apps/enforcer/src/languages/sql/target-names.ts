import type { RangeVar, SelectStmt } from "libpg-query";
import { isView } from "./from.ts";
import { findRelation } from "./names.ts";
import { findCte, type Run, type Scope, type ScopeItem } from "./run.ts";
import type { TargetNames } from "./target-columns.ts";

/** Which references in a write's condition are to the target's own columns, and which names give its rows. */
export function targetNames(target: ScopeItem, scope: Scope, run: Run): TargetNames {
  const others = scope.items.filter((item) => item !== target);
  return {
    alias: target.alias,
    owns: (column: string) =>
      target.open || target.columns.some((own) => own.name === column)
        ? !others.some((item) => item.columns.some((own) => own.name === column))
        : others.length === 0,
    table: target.table,
    source: (range) => sourceOf(range, target, scope, run),
    followed: new Map(),
    foreign: new Set(others.filter((item) => isForeign(item, target)).map((item) => item.alias)),
  };
}

/** What a name in a condition's subquery gives. A view is a choice where it has conditions: whoever made it made it for that. */
function sourceOf(range: RangeVar, { table }: ScopeItem, scope: Scope, run: Run): SelectStmt | "own" | "other" {
  const name = { schema: range.schemaname || undefined, name: range.relname ?? "" };
  const query = name.schema === undefined ? findCte(scope, name.name) : undefined;
  if (query) return query.written ?? "other";
  const { catalogue, path, settings } = run;
  const relation = findRelation(catalogue, path, name, settings.temporaryNames);
  const target = table && catalogue.relationByName.get(`${table.schema}.${table.name}`);
  if (!relation || !target || isView(target)) return "own";
  const full = `${relation.schema}.${relation.name}`;
  if (relation === target || target.parents?.includes(full)) return "own";
  const shape = isView(relation) ? run.view(relation, run)?.shape : undefined;
  if (!isView(relation) || (shape && shape.filters.sources.size > 0)) return "other";
  return "own";
}

/** Whether an item shows none of the target's rows: another table, constants. */
function isForeign(item: ScopeItem, target: ScopeItem): boolean {
  const table = target.table;
  if (item.open || !table || (!item.table && item.columns.length === 0)) return false;
  return item.columns.every(({ origin }) => {
    const own = [...origin.sources.values()].some((from) => from.schema === table.schema && from.table === table.name);
    return !own && !origin.unknown;
  });
}
