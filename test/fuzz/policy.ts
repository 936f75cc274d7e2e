import * as engine from "@sluice/policy-engine";
import { officialCase } from "./policy-cases.ts";
import { differencesIn } from "./policy-compare.ts";

/** What a fuzz run did. */
export interface FuzzRun {
  readonly requests: number;
  /** policies that the official parser does not accept, left out */
  readonly unparsed: number;
  /** how often each kind of answer came: a run that never errs or never allows tests nothing */
  readonly answers: Readonly<Record<string, number>>;
  /** each names its seed, so that it can be run again */
  readonly differences: readonly string[];
}

/** How many differences end a run. */
const DIFFERENCES_MAX = 10;

/** Compares the engine with the official one on at least so many generated requests: decision, reasons and errors. */
export function fuzzPolicies(seed: number, requestsMin: number): FuzzRun {
  const differences: string[] = [];
  const answers: Record<string, number> = {};
  let requests = 0;
  let unparsed = 0;
  for (let at = 0; requests < requestsMin && differences.length < DIFFERENCES_MAX; at += 1) {
    const fuzzCase = officialCase(seed * 1_000_003 + at);
    differences.push(...differencesIn(engine, fuzzCase));
    requests += fuzzCase.requests.length;
    unparsed += fuzzCase.unparsed;
    for (const answer of fuzzCase.answers) {
      const kind = `${answer.split(" ")[0]}${answer.endsWith("despite ") ? "" : " with errors"}`;
      answers[kind] = (answers[kind] ?? 0) + 1;
    }
  }
  return { requests, unparsed, answers, differences };
}
