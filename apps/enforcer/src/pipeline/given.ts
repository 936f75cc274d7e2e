import type { LedgerRecord } from "@sluice/ledger";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { ClassifiedColumn, ResourceClasses } from "./classes.ts";
import { testedValues } from "./context.ts";

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
  {
    classes,
    inTransaction,
    several,
  }: { readonly classes: ResourceClasses; readonly inTransaction: boolean; readonly several: boolean },
): Given | undefined {
  const { columnsFiltered, columnsProbed = [], columnsRead, columnsWritten } = access;
  const values = testedValues(access, classes);
  const longest = Math.max(
    columnsRead.length,
    columnsWritten.length,
    columnsFiltered.length,
    columnsProbed.length,
    facts.functions.length,
  );
  if (longest > NAMES_MAX) return undefined;
  return {
    objectCount: facts.accesses.length,
    ...(columnsRead.length > 0 ? { columnsRead: [...columnsRead] } : {}),
    ...(columnsWritten.length > 0 ? { columnsWritten: [...columnsWritten] } : {}),
    ...(columnsFiltered.length > 0 ? { columnsFiltered: [...columnsFiltered] } : {}),
    ...(columnsProbed.length > 0 ? { columnsProbed: [...columnsProbed] } : {}),
    ...(values > 0 ? { testedValues: values } : {}),
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
