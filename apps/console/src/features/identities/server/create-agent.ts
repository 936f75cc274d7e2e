import { isUniqueViolation } from "@sluice/db";
import { err, newId } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { addAgentInputSchema, agentSchema } from "../schemas.ts";
import { placeInGroups } from "./place-in-groups.ts";
import { agentInclude, viewAgent } from "./principal-view.ts";

/** Adds an AI agent. One that acts for a person is never wider than that person. */
export async function createAgent(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof addAgentInputSchema>,
): Answer<z.infer<typeof agentSchema>> {
  const id = newId(deps.clock.now());
  const { handle, name, model = null, onBehalfOf } = input;
  const work = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const person =
        onBehalfOf === undefined
          ? null
          : await tx.member.findFirst({ where: { handle: onBehalfOf, status: "active" } });
      if (onBehalfOf !== undefined && !person) return refuse(invalid(`There is no person called ${onBehalfOf}.`));
      const onBehalfOfId = person?.id ?? null;
      await tx.agent.create({ data: { id, orgId: scope.org.id, handle, name, model, onBehalfOfId } });
      const placed = await placeInGroups(tx, scope.org.id, { agentId: id }, input.groups);
      if (!placed.ok) return refuse(placed.error);
      notes.record({ action: "agent.add", target: `Agent::"${handle}"`, after: { onBehalfOf, groups: input.groups } });
      notes.rebuild("agent");
      return viewAgent(await tx.agent.findUniqueOrThrow({ where: { id }, include: agentInclude }));
    }),
  );
  return work.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("An agent here has, or had, this handle."));
    throw error;
  });
}
