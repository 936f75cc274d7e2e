import type { CatalogueChange, StatementFacts } from "../../languages/facts.ts";
import type { Judgement } from "../protocol.ts";
import type { Pending } from "./state.ts";

/** What running a request does to the session's state, beyond its rows. */
export interface SessionEffects {
  /** rows come from the client: nothing else may follow until the upstream says how */
  readonly copyIn: boolean;
  readonly copiesOut: boolean;
  readonly changesSession: boolean;
  readonly changesCatalogue: boolean;
  /** may put other statements or cursors under names that the extended protocol uses too */
  readonly changesNames: boolean;
  readonly begins: boolean;
  readonly endsTransaction: boolean;
  /** may run what earlier statements put off */
  readonly runsWhatWasPutOff: boolean;
  readonly temporaries: readonly string[] | "any";
  /** what it did goes with its transaction if that fails: it wrote, and does not commit by itself */
  readonly undoneByRollback: boolean;
  /** what it makes of the catalogue until that is read again */
  readonly redefines: readonly CatalogueChange[];
  /** gives names to statements or cursors */
  readonly givesNames: boolean;
}

const NAME_COMMANDS = new Set([
  "PREPARE",
  "DEALLOCATE",
  "DEALLOCATE ALL",
  "DISCARD",
  "DISCARD ALL",
  "DECLARE",
  "DECLARE CURSOR",
  "CLOSE",
  "CLOSE CURSOR",
  "DO",
  "CALL",
]);
/** Actions that the database takes back with the transaction; rows that were read or copied out stay with their reader. */
const UNDONE = /^sql\.(?!read\.)/;
/**
 * What runs in transactions of its own only, in a batch too (PostgreSQL 18, PreventInTransactionBlock); statements with
 * CONCURRENTLY do as well. What else may is said to go with its batch.
 */
const COMMITS_ITSELF = new Set([
  "VACUUM",
  "CREATE DATABASE",
  "DROP DATABASE",
  "CREATE TABLESPACE",
  "DROP TABLESPACE",
  "ALTER SYSTEM",
]);
const known = new WeakMap<Judgement, SessionEffects>();

/** The effects of a judged request, computed once per judgement. */
export function effectsOf(judgement: Judgement): SessionEffects {
  const found = known.get(judgement);
  if (found) return found;
  const { statements } = judgement;
  const unclear = statements.some((facts) => facts.unparsed || facts.opaque || facts.dynamic);
  const executes = statements.some((facts) => facts.accesses.some((access) => access.action === "sql.exec.call"));
  const effects: SessionEffects = {
    copyIn: unclear || statements.some((facts) => facts.copy?.direction === "in"),
    copiesOut: statements.some((facts) => facts.copy?.direction === "out"),
    changesSession: unclear || statements.some((facts) => facts.changesSession),
    changesCatalogue: unclear || statements.some((facts) => facts.changesCatalogue === true),
    changesNames:
      unclear ||
      executes ||
      statements.some((facts) => facts.prepares !== undefined) ||
      statements.some((facts) => NAME_COMMANDS.has(facts.command)),
    begins: statements.some((facts) => facts.transaction === "begin"),
    endsTransaction: statements.some((facts) =>
      ["commit", "rollback", "rollback_to", "prepare"].includes(facts.transaction),
    ),
    runsWhatWasPutOff: unclear || statements.some(runsWhatWasPutOff),
    undoneByRollback: unclear || statements.some((facts) => isUndone(facts, judgement.text)),
    redefines: unclear ? [{ kind: "everything" }] : statements.flatMap((facts) => facts.redefines ?? []),
    temporaries: unclear ? "any" : statements.flatMap((facts) => facts.createsTemporary ?? []),
    givesNames: statements.some((facts) => facts.prepares !== undefined || facts.opensCursors === true),
  };
  known.set(judgement, effects);
  return effects;
}

function isUndone({ accesses, command }: StatementFacts, text: string): boolean {
  if (!accesses.some(({ action }) => UNDONE.test(action))) return false;
  return !COMMITS_ITSELF.has(command) && !/\bconcurrently\b/i.test(text);
}

/** Deferred constraints and triggers run where the transaction ends well, or where they are made immediate. */
function runsWhatWasPutOff({ command, transaction }: StatementFacts): boolean {
  return transaction === "commit" || transaction === "prepare" || command === "SET CONSTRAINTS";
}

/** What was put off until the transaction's end (deferred constraints, triggers) fails there, far from what was judged. */
export function mayQuoteValues({ exchange, kind, portal, prepared }: Pending): boolean {
  if (kind === "sync") return true;
  // Parse already evaluates literals of a domain's type, and its checks
  const judgement = exchange?.judgement ?? portal?.judgement ?? prepared?.judgement;
  if (!judgement) return false;
  return judgement.errorsMayLeak || judgement.statements.some(runsWhatWasPutOff);
}
