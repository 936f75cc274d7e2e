import { ok } from "@sluice/kernel";
import { entityUid } from "@sluice/policy-engine";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { whoCanInputSchema, whoCanSchema } from "../question-schemas.ts";
import { prepareQuestion } from "./question.ts";

const PRINCIPALS_MAX = 5_000;

/** Everybody who would be allowed or asked for an approval, people first, then agents, each by handle. */
export async function askWhoCan(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof whoCanInputSchema>,
): Answer<z.infer<typeof whoCanSchema>> {
  const question = await prepareQuestion(scope, input, deps.clock.now());
  if (!question.ok) return question;
  const working = { where: { status: "active" }, orderBy: { handle: "asc" }, take: PRINCIPALS_MAX } as const;
  const [people, agents] = await scope.data.tx(async (tx) => [
    await tx.member.findMany(working),
    await tx.agent.findMany({ ...working, include: { onBehalfOf: true } }),
  ]);
  const asked = [
    ...people.map(({ handle, name }) => ({ type: "User", handle, name, onBehalfOf: null })),
    ...agents.map(({ handle, name, onBehalfOf }) => ({
      type: "Agent",
      handle,
      name,
      onBehalfOf: onBehalfOf?.handle ?? null,
    })),
  ];
  const { engine, requestOf } = question.value;
  const principals = asked.flatMap((one) => {
    const person = one.onBehalfOf === null ? undefined : entityUid("User", one.onBehalfOf);
    const verdict = engine.decide(requestOf(entityUid(one.type, one.handle), person));
    if (verdict.kind === "deny") return [];
    const workflows = verdict.kind === "ask" ? [...verdict.workflows] : [];
    return [{ ...one, verdict: verdict.kind, workflows, policies: [...verdict.determining] }];
  });
  return ok({ principals, considered: asked.length });
}
