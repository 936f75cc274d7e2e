import type { StatementFacts } from "../facts.ts";
import type { Collector } from "./collector.ts";
import { computed, type Origin, toLineage } from "./origin.ts";
import type { QueryShape } from "./run.ts";

/** What is known of a statement besides what the collector holds. */
export interface Finishing {
  readonly command: string;
  readonly shape: QueryShape;
  readonly span: readonly [number, number];
  readonly returnsRows: boolean;
  readonly multiStatement?: boolean;
}

/** Turns what was collected into facts: plain, frozen, shared by every session that sends the same text. */
export function finish(collector: Collector, about: Finishing): StatementFacts {
  const { shape } = about;
  const quotes = [...collector.quoted.values()];
  const persists = [...collector.persists, ...collector.moves];
  const rows = about.returnsRows || collector.copy?.direction === "out";
  return Object.freeze({
    command: about.command,
    accesses: collector.list(),
    functions: [...collector.functions],
    unparsed: false,
    opaque: collector.opaque,
    dynamic: collector.dynamic,
    unbounded: collector.unbounded,
    multiStatement: about.multiStatement ?? false,
    returnsRows: about.returnsRows,
    changesSession: collector.changesSession,
    transaction: collector.transaction,
    span: about.span,
    ...(collector.reasons.length > 0 ? { reason: collector.reasons.join("; ") } : {}),
    ...(rows
      ? {
          lineage: shape.open
            ? ("unknown" as const)
            : shape.columns.map((column) => lineageOf(column.origin, collector)),
        }
      : {}),
    ...(collector.readsAnyClass ? { readsAnyClass: true } : {}),
    ...(collector.quotesAny ? { quotes: "any" as const } : quotes.length > 0 ? { quotes } : {}),
    ...(collector.unresolved.size > 0 ? { unresolved: [...collector.unresolved] } : {}),
    ...(collector.changesCatalogue ? { changesCatalogue: true } : {}),
    ...(collector.redefines.length > 0 ? { redefines: collector.redefines } : {}),
    ...(collector.temporary.size > 0 ? { createsTemporary: [...collector.temporary] } : {}),
    ...(persists.length > 0 ? { persists } : {}),
    ...(collector.opensCursors ? { opensCursors: true } : {}),
    ...(collector.prepares ? { prepares: collector.prepares } : {}),
    ...(collector.executes ? { executes: collector.executes } : {}),
    ...(collector.copy ? { copy: collector.copy } : {}),
    ...(collector.sets ? { sets: collector.sets } : {}),
  });
}

function lineageOf(origin: Origin, { correlated }: Collector) {
  return toLineage(correlated.length > 0 ? computed(origin, ...correlated) : origin);
}
