import type { Catalogue, FactObject, SqlSessionSettings, StatementFacts } from "./facts.ts";

/**
 * Text to facts, one entry per statement in order. Total: what is not understood comes back as `unparsed`. An empty text
 * gives an empty list. A promise only where parsing leaves the event loop. Results are frozen and may be shared.
 */
export type AnalyseSql = (
  text: string,
  settings: SqlSessionSettings,
  catalogue: Catalogue,
) => readonly StatementFacts[] | Promise<readonly StatementFacts[]>;

/** What a text gets wrong by itself, whoever sends it, in the words of the server it is for. */
export interface Mistake {
  readonly kind: "syntax" | "relation" | "function" | "column";
  readonly message: string;
  readonly hint?: string;
}

/** Why a refused text could not run anyway, and where in it to look: in characters from 1. */
export interface Diagnosis {
  readonly mistake?: Mistake;
  readonly position?: number;
}

/**
 * Looks at a text that was refused for the sake of one object of one of its statements. Synchronous and total; gives
 * nothing where it is not certain.
 */
export type DiagnoseSql = (
  text: string,
  statements: readonly StatementFacts[],
  refused: { readonly statement: number; readonly object: FactObject },
  session: { readonly settings: SqlSessionSettings; readonly catalogue: Catalogue },
) => Diagnosis;
