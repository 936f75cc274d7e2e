import { ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { dataClassSchema, saveDataClassInputSchema } from "../schemas.ts";

/** Makes a data class, or changes the description and mask of the one with this name. */
export async function storeDataClass(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof saveDataClassInputSchema>,
): Answer<z.infer<typeof dataClassSchema>> {
  const { name, description, strategy } = input;
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const key = { orgId_name: { orgId: scope.org.id, name } };
    const before = await tx.dataClass.findUnique({ where: key });
    await tx.dataClass.upsert({
      where: key,
      create: { orgId: scope.org.id, name, description, strategy },
      update: { description, strategy },
    });
    notes.record({
      action: before ? "data_class.update" : "data_class.create",
      target: `DataClass::"${name}"`,
      ...(before ? { before: { description: before.description, strategy: before.strategy } } : {}),
      after: { description, strategy },
    });
    notes.rebuild("class");
    return ok({ name, description, strategy });
  });
}
