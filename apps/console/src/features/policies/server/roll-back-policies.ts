import { err } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, rollbackInputSchema } from "../schemas.ts";
import { storeVersion, type WantedVersion } from "./store-version.ts";
import { parseTests } from "./tests/stored-tests.ts";

/** Publishes an old version's content, its tests with it, as a new, higher version: history is only ever added to. */
export async function rollBackPolicies(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof rollbackInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  const wanted = await wantedRollback(scope, input);
  return wanted ? storeVersion(deps, scope, wanted) : err(notFound("policy version"));
}

/** An old version as a wanted one; undefined when there is no such version. */
export async function wantedRollback(
  scope: OrgScope,
  input: z.infer<typeof rollbackInputSchema>,
): Promise<WantedVersion | undefined> {
  const old = await scope.data.tx((tx) => tx.policyVersion.findFirst({ where: { version: input.version } }));
  if (!old) return undefined;
  const texts = { guardrails: old.guardrails, access: old.access, obligations: old.obligations };
  const note = input.note === "" ? `Back to version ${old.version}` : input.note;
  const { overrideTests } = input;
  const tests = parseTests(old.tests);
  return { texts, tests, note, baseVersion: undefined, action: "policy.rollback", overrideTests, draft: undefined };
}
