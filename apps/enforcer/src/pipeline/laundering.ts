import type { OutputLineage, StatementFacts } from "../languages/facts.ts";
import type { HiddenColumn } from "../masking/contract.ts";
import type { Denial } from "../protocols/protocol.ts";
import { type ClassifiedColumn, covered, type ResourceClasses } from "./classes.ts";

/**
 * Hidden values must not be copied, nor their column renamed, to where no class protects them: a later read would show them.
 * `mayShow` tells whether a column may be seen in clear.
 */
export function launderingDenial(
  classes: ResourceClasses,
  facts: StatementFacts,
  hidden: readonly HiddenColumn[],
  mayShow: (column: ClassifiedColumn) => boolean,
): Denial | undefined {
  for (const { from, into, moved } of facts.persists ?? []) {
    const target = { kind: "table", schema: into.schema, name: into.table } as const;
    const safe = new Set(covered(classes, target, [into.column]).map(({ dataClass }) => dataClass));
    const leaked = (moved ? hiddenAmong(classes, from).filter((column) => !mayShow(column)) : hidden).find(
      (column) =>
        (from.unknown || from.sources.some((source) => isSource(column, source))) &&
        (into.column === "*" || !safe.has(column.dataClass)),
    );
    if (!leaked) continue;
    return {
      kind: "policy",
      policyId: "masking",
      reason: `it would copy ${leaked.dataClass} values to ${into.schema}.${into.table}, where no data class protects them`,
      hint: `the right to unmask ${leaked.dataClass}, or that data class on the target column`,
    };
  }
  return undefined;
}

/** What goes on under another name is neither shown nor read by the statement that renames it. */
function hiddenAmong(classes: ResourceClasses, { sources }: OutputLineage): readonly ClassifiedColumn[] {
  return sources.flatMap(({ column, schema, table: name }) =>
    covered(classes, { kind: "table", schema, name }, [column]),
  );
}

function isSource(
  column: ClassifiedColumn,
  source: { readonly schema: string; readonly table: string; readonly column: string },
): boolean {
  if (column.schema !== source.schema || column.table !== source.table) return false;
  return column.column === "*" || source.column === "*" || column.column === source.column;
}
