import { checkPolicies, preparePolicies } from "@sluice/bundle/build";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { outlineOf } from "../outline.ts";
import type { checkedSchema, checkInputSchema } from "../schemas.ts";
import { progressOf } from "./check-progress.ts";
import { viewProblem } from "./problem-view.ts";

/** The official engine's opinion of a text, with what Sluice asks for beyond it. Nothing is stored. */
export async function checkPolicyText(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof checkInputSchema>,
): Answer<z.infer<typeof checkedSchema>> {
  await preparePolicies(input.sets, progressOf(scope));
  const check = checkPolicies(input.sets);
  return ok({
    ok: check.ok,
    problems: check.diagnostics.map(viewProblem),
    policies: check.policies.map(outlineOf),
  });
}
