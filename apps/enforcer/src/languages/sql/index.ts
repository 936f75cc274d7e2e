import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import type { AnalyseSql, DiagnoseSql } from "../language.ts";
import { type AnalysisLimits, analyseText, analyseWithin, unparsed } from "./analyse.ts";
import { type CacheLimits, FactsCache } from "./cache.ts";
import { diagnoseText } from "./diagnose.ts";
import { OffLoop, type OffLoopLimits } from "./off-loop.ts";
import { loadParser } from "./parser.ts";

export { afterChanges } from "./after-changes.ts";
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

/** An analyser for a process that serves many sessions at once. */
export interface SqlAnalysis {
  readonly analyse: AnalyseSql;
  readonly diagnose: DiagnoseSql;
  /** Ends the thread for large texts, if there is one. */
  close(): void;
}

/** Texts up to this take a few milliseconds here at most. In UTF-16 units. */
const INLINE_UNITS_MAX = 4_096;
/** The same for texts that are small and lead far, through views and functions. */
const INLINE_WORK_MAX = 5_000;
const PATIENCE = { analysisMsMax: 4_000, waitingMsMax: 10_000, idleMsMax: 60_000 };

/**
 * The same facts as `loadSqlParser` gives, but whatever is large or leads far is analysed in a thread of its own, within
 * bounds of time and memory; beyond them it is unparsed, with the reason.
 */
export async function loadSqlAnalysis(limits: SqlAnalyserLimits & Partial<OffLoopLimits> = {}): Promise<SqlAnalysis> {
  const parser = await loadParser();
  const bounds = { ...DEFAULTS, ...PATIENCE, ...limits };
  const cache = new FactsCache(bounds);
  const offLoop = new OffLoop(bounds);
  const elsewhere: AnalyseSql = async (text, settings, catalogue) => {
    const answer = await offLoop.analyse({ text, settings, catalogue });
    // a refusal for lack of time or room says nothing of the text
    if ("refused" in answer) return [unparsed(text, answer.refused)];
    cache.set(text, settings, catalogue, answer);
    return answer;
  };
  const analyse: AnalyseSql = (text, settings, catalogue) => {
    const known = cache.get(text, settings, catalogue);
    if (known) return known;
    const hopeless = text.length > bounds.textBytesMax;
    if (text.length > INLINE_UNITS_MAX && !hopeless) return elsewhere(text, settings, catalogue);
    const facts = analyseWithin(text, { parser, settings, catalogue, limits: bounds, workMax: INLINE_WORK_MAX });
    if (!facts) return elsewhere(text, settings, catalogue);
    cache.set(text, settings, catalogue, facts);
    return facts;
  };
  const diagnose: DiagnoseSql = (text, statements, refused, session) =>
    diagnoseText(text, statements, refused, { parser, ...session });
  return { analyse, diagnose, close: () => offLoop.close() };
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
