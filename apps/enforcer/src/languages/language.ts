import type { Catalogue, SqlSessionSettings, StatementFacts } from "./facts.ts";

/**
 * Text to facts, one entry per statement in order. Total: what is not understood comes back as `unparsed`. An empty text
 * gives an empty list. A promise only where parsing leaves the event loop. Results are frozen and may be shared.
 */
export type AnalyseSql = (
  text: string,
  settings: SqlSessionSettings,
  catalogue: Catalogue,
) => readonly StatementFacts[] | Promise<readonly StatementFacts[]>;
