import { runPolicyTests, suitesOf } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { testedSchema, testInputSchema } from "../../draft-schemas.ts";
import { readWithTests } from "./stored-tests.ts";

/** Runs the tests that belong to the version in force, against its texts or a candidate's. Nothing is stored. */
export async function testPolicies(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof testInputSchema>,
): Answer<z.infer<typeof testedSchema>> {
  const stored = await scope.data.tx((tx) => readWithTests(tx));
  if (stored === undefined) throw new Error("the newest state is never missing");
  const run = runPolicyTests(input.sets ?? stored.texts, suitesOf(stored.tests));
  if (!run.ok) return err(invalid("The policies have errors: correct them first."));
  const { passed, outcomes, covered, uncovered } = run.value;
  return ok({
    passed,
    cases: outcomes.map(({ name, suite = "", passed: good, failures }) => ({
      suite,
      name,
      passed: good,
      failures: [...failures],
    })),
    covered: [...covered],
    uncovered: [...uncovered],
  });
}
