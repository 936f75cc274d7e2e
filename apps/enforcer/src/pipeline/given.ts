import type { LedgerRecord } from "@sluice/ledger";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { ClassifiedColumn } from "./classes.ts";

type Given = NonNullable<LedgerRecord["decisions"][number]["given"]>;

/** Longer lists do not stand on a record; the pair then cannot be decided again. */
const NAMES_MAX = 200;
const flags = ["unparsed", "opaque", "dynamic", "unbounded", "multiStatement"] as const;

/**
 * What one (action, object) pair was decided on, beyond the record's own facts: enough to decide it again with other
 * policies, and names only. Undefined when it is too wide for a record. `several`: the request holds more than one
 * statement, so that the record's facts are not this statement's alone.
 */
export function pairGiven(
  facts: StatementFacts,
  access: Access,
  { inTransaction, several }: { readonly inTransaction: boolean; readonly several: boolean },
): Given | undefined {
  const { columnsFiltered, columnsRead, columnsWritten } = access;
  const longest = Math.max(columnsRead.length, columnsWritten.length, columnsFiltered.length, facts.functions.length);
  if (longest > NAMES_MAX) return undefined;
  return {
    objectCount: facts.accesses.length,
    ...(columnsRead.length > 0 ? { columnsRead: [...columnsRead] } : {}),
    ...(columnsWritten.length > 0 ? { columnsWritten: [...columnsWritten] } : {}),
    ...(columnsFiltered.length > 0 ? { columnsFiltered: [...columnsFiltered] } : {}),
    ...(inTransaction ? { inTransaction } : {}),
    ...(several ? { statement: statementOf(facts) } : {}),
  };
}

function statementOf(facts: StatementFacts): Given["statement"] {
  return {
    command: facts.command,
    functions: [...facts.functions],
    flags: flags.filter((flag) => facts[flag]),
  };
}

/** What an unmask question was decided on. */
export function unmaskGiven({ column, schema, table }: ClassifiedColumn): Given {
  return { table: `${schema}.${table}`, column };
}
