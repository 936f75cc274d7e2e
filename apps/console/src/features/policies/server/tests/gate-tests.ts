import { type PolicyTests, type PolicyTexts, runPolicyTests, suitesOf } from "@sluice/bundle/build";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { refusedFor } from "../../../../server/auth/refused-for.ts";
import { forbidden, invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";

/** Failing tests that a refusal names before it only counts. */
const NAMED_MAX = 3;

/** How the tests of a candidate stand when it is published. */
export interface TestGate {
  readonly testsFailed: number;
  /** why it is published all the same; null when all pass */
  readonly testsOverride: string | null;
}

/**
 * Lets a candidate through whose tests pass. One with a failing test is refused, unless a member who may override tests says
 * why: the reason is stored with the version and in the ledger.
 */
export function gateTests(
  scope: OrgScope,
  texts: PolicyTexts,
  tests: PolicyTests,
  override: string | undefined,
): Result<TestGate, TaggedError> {
  const run = runPolicyTests(texts, suitesOf(tests));
  if (!run.ok) return err(invalid("The policies have errors: correct them first."));
  const failed = run.value.outcomes.filter(({ passed }) => !passed);
  if (failed.length === 0) return ok({ testsFailed: 0, testsOverride: null });
  if (override === undefined) return err(testsFail(failed, run.value.outcomes.length));
  const refused = refusedFor(scope, "policies:override");
  return refused === undefined
    ? ok({ testsFailed: failed.length, testsOverride: override })
    : err(forbidden(`Tests fail. ${refused}`));
}

interface Failed {
  readonly name: string;
  readonly suite?: string | undefined;
  readonly failures: readonly string[];
}

function testsFail(failed: readonly Failed[], all: number): TaggedError<"policy.tests_fail"> {
  const named = failed
    .slice(0, NAMED_MAX)
    .map(({ name, suite, failures }) => `${suite}: ${name}: ${failures[0] ?? ""}`);
  const more = failed.length > NAMED_MAX ? [`and ${failed.length - NAMED_MAX} more`] : [];
  const how =
    "Correct the policies, or the tests if they expect the wrong thing; an admin may override them with a reason.";
  const text = `${failed.length} of ${all} policy tests fail (${[...named, ...more].join("; ")}). ${how}`;
  return taggedError("policy.tests_fail", text, { retry: "after-change" });
}
