import { preparePolicies } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { diffInputSchema, policyDiffSchema } from "../schemas.ts";
import { compareStates } from "./compare-states.ts";
import { readWithTests } from "./tests/stored-tests.ts";

/** What changed between two versions, policy by policy, as whole texts and in their tests. */
export async function diffPolicies(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof diffInputSchema>,
): Answer<z.infer<typeof policyDiffSchema>> {
  const [from, to] = await scope.data.tx((tx) =>
    Promise.all([readWithTests(tx, input.from), readWithTests(tx, input.to)]),
  );
  if (!from || !to) return err(notFound("policy version"));
  await preparePolicies(from.texts);
  await preparePolicies(to.texts);
  return ok({ from: input.from, to: input.to, ...compareStates(from, to) });
}
