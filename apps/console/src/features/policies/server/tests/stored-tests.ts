import {
  isTestPath,
  noTests,
  type PolicyFiles,
  type PolicyTests,
  type PolicyTexts,
  policyTestsSchema,
  readTestFiles,
} from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError } from "@sluice/kernel";
import { invalid } from "../../../../server/refusals.ts";

/** A published state with its tests; version 0 is an org that never published. */
export interface StoredPolicies {
  readonly version: number;
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
}

/** Bounds of one org's tests. */
const CASES_MAX = 10_000;
const ENTITIES_MAX = 20_000;

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };

/** Reads a version (the newest without a number, nothing for 0) with its tests. Undefined when there is no such version. */
export async function readWithTests(tx: OrgTx, wanted?: number): Promise<StoredPolicies | undefined> {
  if (wanted === 0) return { version: 0, texts: nothing, tests: noTests };
  const found = await tx.policyVersion.findFirst({
    where: wanted === undefined ? {} : { version: wanted },
    orderBy: { version: "desc" },
    select: { version: true, guardrails: true, access: true, obligations: true, tests: true },
  });
  if (!found) return wanted === undefined ? readWithTests(tx, 0) : undefined;
  const { version, guardrails, access, obligations, tests } = found;
  return { version, texts: { guardrails, access, obligations }, tests: parseTests(tests) };
}

/** Tests as they are stored. */
export function parseTests(text: string): PolicyTests {
  return policyTestsSchema.parse(JSON.parse(text));
}

/** The stored form of tests: equal tests have equal text. */
export function testsText(tests: PolicyTests): string {
  return JSON.stringify(policyTestsSchema.parse(tests));
}

/** Reads the tests that somebody wrote as files. Refuses with the first place that is not as it should be. */
export function testsFromFiles(files: PolicyFiles): Result<PolicyTests, TaggedError> {
  const stranger = Object.keys(files).find((path) => !isTestPath(path));
  if (stranger !== undefined) return err(invalid(`${stranger} is no file of tests.`));
  const { problems, tests } = readTestFiles(files);
  const [first] = problems;
  if (first !== undefined) return err(invalid(`${first.file}:${first.line}:${first.column}: ${first.message}`));
  const tooMany = refusedSize(tests);
  return tooMany ? err(tooMany) : ok(tests);
}

/** Why tests are too many to be kept or run: each publish and each pause in typing runs all of them. */
export function refusedSize({ entities, suites }: PolicyTests): TaggedError | undefined {
  const all = Object.values(suites);
  const cases = all.reduce((sum, suite) => sum + suite.cases.length, 0);
  const things = all.reduce((sum, suite) => sum + suite.entities.length, entities.length);
  if (cases > CASES_MAX) return invalid(`These are ${cases} tests; at most ${CASES_MAX} are run.`);
  return things > ENTITIES_MAX ? invalid(`These are ${things} entities of tests; at most ${ENTITIES_MAX}.`) : undefined;
}
