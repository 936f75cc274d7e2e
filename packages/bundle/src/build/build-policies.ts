import { err, ok, type Result } from "@sluice/kernel";
import type { SelfCheck } from "../self-check.ts";
import { type PolicyTexts, piecesOf } from "./check-policies.ts";
import { type BundledPolicies, compileAndLoad, engineRefusal } from "./compile-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { countUnparsed, parseSteps } from "./parse-policies.ts";
import { noTests, type PolicyTests } from "./policy-tests.ts";
import { countUnasked, selfCheckSteps } from "./self-check/self-check.ts";
import { drain, inSlices, type Steps } from "./steps.ts";

/** What a bundle carries of an org's policies. */
export interface BuiltPolicies {
  readonly policies: BundledPolicies;
  readonly selfCheck: SelfCheck;
}

type Built = Result<BuiltPolicies, readonly PolicyDiagnostic[]>;

/** Told how far a long piece of work is, in policies; `total` is what was not known before. */
export type OnProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** Policies that go to the validator at once where others wait for their turn: tens of milliseconds. */
const SLICED_BATCH = 24;

/**
 * Compiles the texts for a bundle and checks what came of it: the official engine and ours are asked the same about every policy
 * and about the whole set. Refuses with every diagnostic when a text has an error, and when the two engines differ. Only what
 * changed since an earlier call is parsed, validated and asked again.
 */
export function buildPolicies(texts: PolicyTexts, tests: PolicyTests = noTests): Built {
  return drain(buildSteps(texts, tests));
}

/**
 * Parses and validates what is not known of these texts yet, in slices that leave the event loop to others: afterwards
 * `checkPolicies` and `compilePolicies` take their own time only, for ten thousand policies some tenths of a second.
 */
export async function preparePolicies(texts: PolicyTexts, onProgress?: OnProgress): Promise<void> {
  const pieces = piecesOf(texts);
  const total = countUnparsed(pieces);
  if (total > 0) await oneAtATime(() => inSlices(parseSteps(pieces, SLICED_BATCH), told(onProgress, total)));
}

/** As `buildPolicies`, in slices that leave the event loop to others. */
export async function buildPoliciesInSlices(
  texts: PolicyTexts,
  tests: PolicyTests = noTests,
  onProgress?: OnProgress,
): Promise<Built> {
  const pieces = piecesOf(texts);
  return oneAtATime(() => {
    const unparsed = countUnparsed(pieces);
    const total = unparsed + countUnasked(pieces);
    return inSlices(allSteps(texts, pieces, tests), told(onProgress, total));
  });
}

function* allSteps(texts: PolicyTexts, pieces: readonly string[], tests: PolicyTests): Steps<Built> {
  yield* parseSteps(pieces, SLICED_BATCH);
  return yield* buildSteps(texts, tests);
}

function* buildSteps(texts: PolicyTexts, tests: PolicyTests): Steps<Built> {
  const loaded = compileAndLoad(texts);
  if (!loaded.ok) return loaded;
  yield 0;
  const { compiled, policies, engine } = loaded.value;
  const checked = yield* selfCheckSteps(policies, engine, tests);
  return checked.ok
    ? ok({ policies: compiled, selfCheck: checked.value })
    : err([{ ...engineRefusal(checked.error), code: "self_check" }]);
}

function told(onProgress: OnProgress | undefined, total: number) {
  return (done: number) => onProgress?.({ done: Math.min(Math.floor(done), total), total });
}

let last: Promise<unknown> = Promise.resolve();

/** Long work waits for the long work before it, which may have done it already; side by side both would only be slower. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => undefined); // whoever asked for it is told; the next one begins all the same
  return turn;
}
