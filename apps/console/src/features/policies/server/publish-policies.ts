import { ok, type Result, type TaggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, publishInputSchema } from "../schemas.ts";
import { storeVersion, type WantedVersion } from "./store-version.ts";
import { testsFromFiles } from "./tests/stored-tests.ts";

/** Publishes a text, with tests of its own or those in force, as the next version. */
export async function publishPolicies(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof publishInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  const wanted = wantedText(input);
  return wanted.ok ? storeVersion(deps, scope, wanted.value) : wanted;
}

/** A text that somebody wrote as a wanted version. Refuses tests that cannot be read. */
export function wantedText(input: z.infer<typeof publishInputSchema>): Result<WantedVersion, TaggedError> {
  const { sets: texts, note, baseVersion, overrideTests } = input;
  const tests = input.tests === undefined ? ok(undefined) : testsFromFiles(input.tests);
  if (!tests.ok) return tests;
  return ok({
    texts,
    tests: tests.value,
    note,
    baseVersion,
    overrideTests,
    action: "policy.publish",
    draft: undefined,
  });
}
