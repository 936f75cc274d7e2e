import { err, ok, type Result } from "@sluice/kernel";
import { type Explanation, load, type Obligations, type PolicyEngine, type Verdict } from "@sluice/policy-engine";
import { type PolicyTexts } from "./check-policies.ts";
import { compilePolicies } from "./compile-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import type { PolicySuite, PolicyTestCase } from "./test-format.ts";
import { notesOn, readSuiteEntities, readTestRequest } from "./test-request.ts";

/** What became of one case. */
export interface PolicyTestOutcome {
  readonly name: string;
  /** the suite it is in, where suites have names */
  readonly suite?: string | undefined;
  readonly passed: boolean;
  /** what differed, in words; empty when passed */
  readonly failures: readonly string[];
  /** what may explain a surprise, in words */
  readonly notes?: readonly string[];
  /** why the verdict is what it is; absent when the case could not be asked */
  readonly explanation?: Explanation;
}

/** What a run of suites found. */
export interface PolicyTestRun {
  readonly passed: boolean;
  readonly outcomes: readonly PolicyTestOutcome[];
  /** policies that some case satisfied, and those that none did */
  readonly covered: readonly string[];
  readonly uncovered: readonly string[];
}

/** A suite as it is run, with the name of its file. */
export interface NamedSuite extends PolicySuite {
  readonly name?: string;
}

/** Runs test suites against policy texts; refuses texts that do not check. */
export function runPolicyTests(
  texts: PolicyTexts,
  suites: readonly NamedSuite[],
): Result<PolicyTestRun, readonly PolicyDiagnostic[]> {
  const compiled = compilePolicies(texts);
  if (!compiled.ok) return compiled;
  const loaded = load(compiled.value);
  if (!loaded.ok) return err([]);
  const outcomes = suites.flatMap((suite) => runSuite(loaded.value, suite));
  const satisfied = new Set<string>();
  for (const { explanation } of outcomes) {
    for (const { id, outcome } of explanation?.policies ?? []) if (outcome === "satisfied") satisfied.add(id);
  }
  const ids = Object.values(compiled.value).flatMap((set) => Object.keys(set.staticPolicies));
  return ok({
    passed: outcomes.every((outcome) => outcome.passed),
    outcomes,
    covered: ids.filter((id) => satisfied.has(id)),
    uncovered: ids.filter((id) => !satisfied.has(id)),
  });
}

function runSuite(engine: PolicyEngine, suite: NamedSuite): PolicyTestOutcome[] {
  const entities = readSuiteEntities(suite);
  if (!entities.ok) return [{ name: "entities", suite: suite.name, passed: false, failures: [entities.error.public] }];
  return suite.cases.map((test) => {
    const place = { name: test.name, suite: suite.name };
    const request = readTestRequest(test, entities.value);
    if (!request.ok) return { ...place, passed: false, failures: [request.error.public] };
    const explanation = engine.explain(request.value);
    const failures = differences(test.expect, explanation.verdict);
    const notes = notesOn(request.value, entities.value);
    return { ...place, passed: failures.length === 0, failures, ...(notes.length > 0 ? { notes } : {}), explanation };
  });
}

function differences(expected: PolicyTestCase["expect"], verdict: Verdict): string[] {
  const failures: string[] = [];
  if (verdict.kind !== expected.verdict) failures.push(`expected ${expected.verdict}, got ${describe(verdict)}`);
  const code = verdict.kind === "deny" ? verdict.code : undefined;
  if (expected.code !== undefined && expected.code !== code)
    failures.push(`expected code ${expected.code}, got ${code}`);
  for (const id of expected.determining ?? []) {
    if (!verdict.determining.includes(id))
      failures.push(`expected "${id}" to determine it, got ${list(verdict.determining)}`);
  }
  const workflows = verdict.kind === "ask" ? verdict.workflows : [];
  if (expected.workflows !== undefined && list(expected.workflows.toSorted()) !== list(workflows.toSorted())) {
    failures.push(`expected workflows ${list(expected.workflows)}, got ${list(workflows)}`);
  }
  if (expected.obligations === undefined) return failures;
  if (verdict.kind === "deny") return [...failures, "expected obligations, got a deny, which has none"];
  return [...failures, ...obligationDifferences(expected.obligations, verdict.obligations)];
}

function obligationDifferences(
  expected: NonNullable<PolicyTestCase["expect"]["obligations"]>,
  { masks, ...got }: Obligations,
): string[] {
  const plain: Readonly<Record<string, unknown>> = { ...got, masks: Object.fromEntries(masks) };
  return Object.entries(expected)
    .filter(([name, wanted]) => JSON.stringify(plain[name]) !== JSON.stringify(wanted))
    .map(([name, wanted]) => `expected ${name} ${JSON.stringify(wanted)}, got ${JSON.stringify(plain[name])}`);
}

function describe(verdict: Verdict): string {
  const what = verdict.kind === "deny" ? `deny (${verdict.code})` : verdict.kind;
  return verdict.determining.length === 0 ? what : `${what} because of ${list(verdict.determining)}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
