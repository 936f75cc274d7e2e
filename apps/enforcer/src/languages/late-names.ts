import type { SqlSessionSettings, StatementFacts } from "./facts.ts";

const PLANNED = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]);

/**
 * Whether a statement that was planned already (a portal, a cursor) looks names up when it runs, under the settings of then:
 * in bodies of functions, or because the server plans it no sooner (COPY, EXECUTE and other utility statements).
 */
export function looksNamesUpLate(facts: StatementFacts): boolean {
  if (facts.unparsed || facts.dynamic || facts.opensCursors === true) return true;
  if (facts.functions.some((name) => !name.startsWith("pg_catalog."))) return true;
  return facts.transaction === "none" && facts.accesses.length > 0 && !PLANNED.has(facts.command);
}

/** Whether a name behind it in the same text may stand for something else, or be looked up under other settings. */
export function changesMeanings(facts: StatementFacts): boolean {
  if (facts.unparsed || facts.opaque || facts.dynamic || facts.changesSession) return true;
  if (facts.prepares || facts.opensCursors === true || facts.changesCatalogue === true) return true;
  if (facts.createsTemporary !== undefined && facts.createsTemporary.length > 0) return true;
  if (["commit", "rollback", "rollback_to", "prepare"].includes(facts.transaction)) return true;
  return facts.functions.some((name) => !name.startsWith("pg_catalog."));
}

/** Whether names, rights and strings of stored bodies mean the same under both; those were read in no client's encoding. */
export function meansTheSame(left: SqlSessionSettings, right: SqlSessionSettings): boolean {
  if (left === right) return true;
  const temporaries = ({ temporaryNames }: SqlSessionSettings) => JSON.stringify(temporaryNames ?? []);
  return (
    left.searchPath === right.searchPath &&
    left.role === right.role &&
    left.standardConformingStrings === right.standardConformingStrings &&
    temporaries(left) === temporaries(right)
  );
}
