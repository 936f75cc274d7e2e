import { buildPoliciesInSlices } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { saveDraftInputSchema, savedDraftSchema } from "../../draft-schemas.ts";
import { progressOf } from "../check-progress.ts";
import { compareStates } from "../compare-states.ts";
import { firstError } from "../store-version.ts";
import { readWithTests, testsFromFiles } from "../tests/stored-tests.ts";
import { keepDraft } from "./keep-draft.ts";

/** Keeps what somebody wrote in the editor as a draft. Refuses a text or tests with errors, as an import does. */
export async function saveDraft(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof saveDraftInputSchema>,
): Answer<z.infer<typeof savedDraftSchema>> {
  const current = await scope.data.tx((tx) => readWithTests(tx));
  if (current === undefined) throw new Error("the newest state is never missing");
  const tests = input.tests === undefined ? ok(current.tests) : testsFromFiles(input.tests);
  if (!tests.ok) return tests;
  const built = await buildPoliciesInSlices(input.sets, tests.value, progressOf(scope));
  if (!built.ok) return err(invalid(firstError(built.error)));
  const wanted = { texts: input.sets, tests: tests.value };
  const { policies, sets, tests: changed } = compareStates(current, wanted);
  const differs = Object.values(sets).some(({ before, after }) => before !== after) || changed.length > 0;
  if (!differs) return err(invalid(`Nothing differs from version ${current.version}.`));
  const ids = (kind: (typeof policies)[number]["change"]) =>
    policies.filter(({ change }) => change === kind).map(({ id }) => id);
  const changes = { added: ids("added"), removed: ids("removed"), changed: ids("changed") };
  const { baseVersion, note } = input;
  const kept = await keepDraft(deps, scope, {
    ...wanted,
    baseVersion,
    note,
    action: "policy_draft.save",
    changes: { ...changes, testsChanged: changed.length > 0 },
  });
  return kept.ok ? ok({ number: kept.value }) : kept;
}
