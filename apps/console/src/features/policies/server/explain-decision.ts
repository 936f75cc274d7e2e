import { ok } from "@sluice/kernel";
import { entityUid } from "@sluice/policy-engine";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { outlinePolicies } from "../outline.ts";
import type { explainInputSchema, explanationSchema } from "../question-schemas.ts";
import { personBehind, prepareQuestion } from "./question.ts";

/** Asks the engine what it would decide and why, with the current policies or a candidate text. Nothing is recorded. */
export async function explainDecision(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof explainInputSchema>,
): Answer<z.infer<typeof explanationSchema>> {
  const behind = await personBehind(scope, input.principal);
  if (!behind.ok) return behind;
  const question = await prepareQuestion(scope, input, deps.clock.now());
  if (!question.ok) return question;
  const { engine, requestOf, texts } = question.value;
  const person = behind.value === undefined ? undefined : entityUid("User", behind.value);
  const explained = engine.explain(requestOf(entityUid(input.principal.type, input.principal.handle), person));
  const outline = new Map(outlinePolicies(texts).map((policy) => [policy.id, policy]));
  const { verdict } = explained;
  return ok({
    verdict: verdict.kind,
    code: verdict.kind === "deny" ? verdict.code : null,
    workflows: verdict.kind === "ask" ? [...verdict.workflows] : [],
    determining: [...verdict.determining],
    policies: explained.policies.flatMap(({ id, principal, outcome, reads }) => {
      const policy = outline.get(id);
      return policy ? [{ ...policy, principal, outcome, reads: [...reads] }] : [];
    }),
    wouldAllow: [...explained.wouldAllow],
    leftOut: [...(explained.leftOut ?? [])],
    onBehalfOf: behind.value ?? null,
  });
}
