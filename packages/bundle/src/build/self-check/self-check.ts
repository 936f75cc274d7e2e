import { createHash } from "node:crypto";
import { canonicalJson, err, ok, type Result, unwrap } from "@sluice/kernel";
import type { PolicyEngine } from "@sluice/policy-engine";
import { plainVerdict, requestOf, type SelfCheck, VECTORS_MAX, type VectorRequest } from "../../self-check.ts";
import type { CheckedPolicy } from "../check-policies.ts";
import type { PolicyTests } from "../policy-tests.ts";
import type { Steps } from "../steps.ts";
import { firstDifference, type NamedPolicy, type Outcome, officialOutcomes, ownOutcomes } from "./compare-engines.ts";
import { deriveVectors } from "./derive-vectors.ts";
import { comparable, expectedVerdict } from "./expected-verdict.ts";
import { evenly, sharedVectors } from "./test-vectors.ts";

/** Policies whose own vectors are asked together: enough for the index to matter, few enough for a call to be quick. */
const DERIVED_BATCH = 12;
/** Policies that are asked about a shared vector in one call. */
const SHARED_BATCH = 400;
/** Policies whose answers are remembered by their text, so that an edit asks about the edit. */
const CACHE_MAX = 40_000;

/** Policies whose own vectors came out the same in both engines. */
const agreed = new Set<string>();
/** What the official engine said of a policy to shared vectors: an outcome's code per vector, for one list of them. */
interface OfficialAnswers {
  readonly vectorsKey: string;
  readonly codes: Uint8Array;
}

/** By the policy's text. */
const official = new Map<string, OfficialAnswers>();
const codeOf: Readonly<Record<Outcome, number>> = { not_satisfied: 0, satisfied: 1, error: 2 };

/**
 * Asks both engines the same: each policy about requests made for it, and the whole set about the org's own tests. Refuses,
 * naming the policy, when they differ. The vectors go into the bundle with the verdicts that our engine gave. Costs what
 * changed since the last call, beside a few milliseconds. In steps of some ten milliseconds, each counting its policies.
 */
export function* selfCheckSteps(
  policies: readonly CheckedPolicy[],
  engine: PolicyEngine,
  tests: PolicyTests,
): Steps<Result<SelfCheck, string>> {
  const apart = yield* checkDerived(policies);
  if (apart !== undefined) return err(apart);
  const shared = sharedVectors(tests);
  const together = yield* checkShared(policies, engine, shared);
  if (together !== undefined) return err(together);
  const derived = evenly(policies, VECTORS_MAX - shared.length).flatMap(({ json }) => deriveVectors(json).slice(-1));
  const vectors = [...shared, ...derived].slice(0, VECTORS_MAX).flatMap((vector) => {
    const request = requestOf(vector);
    return request.ok ? [{ ...vector, expect: plainVerdict(engine.decide(request.value)) }] : [];
  });
  return ok({ vectors });
}

function* checkDerived(policies: readonly CheckedPolicy[]): Steps<string | undefined> {
  const fresh = policies.filter(({ text }) => !agreed.has(text));
  for (const batch of batchesByEffect(fresh, DERIVED_BATCH)) {
    const vectors = batch.flatMap(({ json }) => deriveVectors(json)).filter((vector) => requestOf(vector).ok);
    const named = batch.map(nameOf);
    const found = firstDifference(vectors, officialOutcomes(named, vectors), ownOutcomes(named, vectors));
    if (found !== undefined) {
      const policy = batch.find((each) => nameOf(each).name === found.name);
      return describe(policy?.id ?? found.name, found.vector, found.official, found.ours);
    }
    for (const { text } of batch) agreed.add(text);
    yield batch.length * 0.5;
  }
  forgetOldest(agreed);
  return undefined;
}

function* checkShared(
  policies: readonly CheckedPolicy[],
  engine: PolicyEngine,
  vectors: readonly VectorRequest[],
): Steps<string | undefined> {
  // one principal at a time: what holds for an agent and for its person is combined elsewhere
  const single = vectors.map((vector) => ({ ...vector, onBehalfOf: undefined }));
  const answers = yield* askOfficial(policies, single);
  for (const [at, vector] of single.entries()) {
    const saying = (outcome: Outcome) => policies.filter((_, index) => answers[index]?.[at] === codeOf[outcome]);
    const theirs = expectedVerdict(saying("satisfied"), saying("error"), approvedIn(vector));
    const expected = canonicalJson(theirs);
    const got = canonicalJson(comparable(engine.decide(unwrap(requestOf(vector)))));
    if (got !== expected) return describe("the whole set", vector, expected, got);
    yield 0;
  }
  return undefined;
}

/** The official engine's answers, policy by policy; it is asked only about policies that it was not asked these vectors about. */
function* askOfficial(
  policies: readonly CheckedPolicy[],
  vectors: readonly VectorRequest[],
): Steps<readonly (Uint8Array | undefined)[]> {
  const vectorsKey = createHash("sha256").update(canonicalJson(vectors)).digest("hex");
  // kept here as well: between two steps another set of policies may overwrite what is remembered of these
  const found = new Map<string, Uint8Array>();
  for (const { text } of policies) {
    const known = official.get(text);
    if (known?.vectorsKey === vectorsKey) found.set(text, known.codes);
  }
  const fresh = policies.filter(({ text }) => !found.has(text));
  for (const batch of batchesByEffect(fresh, SHARED_BATCH)) {
    const answers = officialOutcomes(batch.map(nameOf), vectors);
    for (const { id, text } of batch) {
      const codes = Uint8Array.from(answers, (answer) => codeOf[answer.get(id) ?? "not_satisfied"]);
      found.set(text, codes);
      official.delete(text);
      official.set(text, { vectorsKey, codes });
    }
    yield batch.length * 0.5;
  }
  forgetOldest(official);
  return policies.map(({ text }) => found.get(text));
}

/** How many of these both engines were not asked about yet. */
export function countUnasked(texts: readonly string[]): number {
  return new Set(texts.filter((text) => !agreed.has(text) || !official.has(text))).size;
}

/** Keeps a memory within its bound; what was added first goes first. */
function forgetOldest(memory: Set<string> | Map<string, unknown>): void {
  for (const oldest of memory.keys()) {
    if (memory.size <= CACHE_MAX) return;
    memory.delete(oldest);
  }
}

function batchesByEffect(policies: readonly CheckedPolicy[], size: number): CheckedPolicy[][] {
  const batches: CheckedPolicy[][] = [];
  for (const effect of ["permit", "forbid"]) {
    const alike = policies.filter((policy) => policy.effect === effect);
    for (let first = 0; first < alike.length; first += size) batches.push(alike.slice(first, first + size));
  }
  return batches;
}

function nameOf({ id, json }: CheckedPolicy): NamedPolicy {
  return { name: id, json };
}

function approvedIn({ context }: VectorRequest): ReadonlySet<string> {
  const { approval } = context;
  if (typeof approval !== "object" || approval === null || !("workflows" in approval)) return new Set();
  const { workflows } = approval;
  return new Set(Array.isArray(workflows) ? workflows.filter((name) => typeof name === "string") : []);
}

function describe(policy: string, { action, principal }: VectorRequest, theirs: string, ours: string): string {
  return `The official engine and Sluice's differ on ${policy} (${action} by a ${principal.type}): ${theirs}, ours ${ours}.`;
}
