import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { type AnalysisLimits, analyseText } from "./analyse.ts";
import { type CacheLimits, FactsCache } from "./cache.ts";
import { loadParser } from "./parser.ts";

export { PreparedNames } from "./prepared-names.ts";

/** Text → facts for PostgreSQL. */
export interface SqlAnalyser {
  /**
   * The facts of every statement in the text, in order; an empty text gives none. Synchronous and total: a text that is
   * not understood gives one statement with `unparsed`. `settings` and `catalogue` must be replaced, never mutated.
   */
  analyse(text: string, settings: SqlSessionSettings, catalogue: Catalogue): readonly StatementFacts[];
}

/** Bounds of an analyser. */
export type SqlAnalyserLimits = Partial<AnalysisLimits & CacheLimits>;

const DEFAULTS = { textBytesMax: 1_048_576, statementsMax: 1_000, entriesMax: 10_000, textUnitsMax: 16_777_216 };

/** Loads PostgreSQL's own grammar and gives an analyser with a cache. Rejects only if WebAssembly cannot be loaded. */
export async function loadSqlParser(limits: SqlAnalyserLimits = {}): Promise<SqlAnalyser> {
  const parser = await loadParser();
  const bounds = { ...DEFAULTS, ...limits };
  const cache = new FactsCache(bounds);
  return {
    analyse(text, settings, catalogue) {
      const known = cache.get(text, settings, catalogue);
      if (known) return known;
      const facts = analyseText(text, { parser, settings, catalogue, limits: bounds });
      cache.set(text, settings, catalogue, facts);
      return facts;
    },
  };
}

/** Decodes a text as the protocol carries it. Undefined when it is not valid UTF-8: such a text is never sent on. */
export function decodeStatement(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
