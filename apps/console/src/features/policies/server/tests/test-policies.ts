import {
  ENTITIES_FILE,
  type PlacedProblem,
  type PolicyFiles,
  placeOfCase,
  preparePolicies,
  readTestFiles,
  runPolicyTests,
  suiteFile,
  suitesOf,
  writeTestFiles,
} from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { testedSchema, testInputSchema } from "../../draft-schemas.ts";
import { readWithTests, refusedSize } from "./stored-tests.ts";

type Tested = z.infer<typeof testedSchema>;

/**
 * Runs tests, those given as files or those in force, against the texts in force or a candidate's. Files that cannot be read
 * are told with their places and the others run. Nothing is stored.
 */
export async function testPolicies(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof testInputSchema>,
): Answer<Tested> {
  const stored = await scope.data.tx((tx) => readWithTests(tx));
  if (stored === undefined) throw new Error("the newest state is never missing");
  const files = input.tests ?? writeTestFiles(stored.tests);
  const { problems, tests } = readTestFiles(files);
  const tooMany = refusedSize(tests);
  if (tooMany) return err(tooMany);
  const texts = input.sets ?? stored.texts;
  await preparePolicies(texts);
  const run = runPolicyTests(texts, suitesOf(tests));
  if (!run.ok) return err(invalid("The policies have errors: correct them first."));
  const { passed, outcomes, covered, uncovered } = run.value;
  const indexes = new Map<string, number>();
  return ok({
    passed: passed && problems.length === 0,
    problems: problems.map(viewProblem),
    cases: outcomes.map(({ name, suite = "", passed: good, failures, explanation }) => {
      const index = indexes.get(suite) ?? 0;
      indexes.set(suite, index + 1);
      // a suite whose entities cannot be read has one outcome and no case
      const asked = explanation !== undefined || name === tests.suites[suite]?.cases[index]?.name;
      return {
        suite,
        name,
        passed: good,
        failures: [...failures],
        ...placeIn(files, suite, asked ? index : undefined),
      };
    }),
    covered: [...covered],
    uncovered: [...uncovered],
  });
}

function viewProblem({ file, line, column, message }: PlacedProblem): Tested["problems"][number] {
  return { file, line, column, message };
}

function placeIn(files: PolicyFiles, suite: string, index: number | undefined) {
  const file = suiteFile(suite);
  const text = files[file];
  if (text === undefined) return { file: ENTITIES_FILE, line: 1, column: 1 };
  return { file, ...(index === undefined ? { line: 1, column: 1 } : placeOfCase(text, index)) };
}
