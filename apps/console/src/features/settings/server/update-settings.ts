import { ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { orgNameSchema, updateSettingsInputSchema } from "../schemas.ts";

/** Renames the org. Its slug, which addresses and policies use, stays. */
export async function updateSettings(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof updateSettingsInputSchema>,
): Answer<z.infer<typeof orgNameSchema>> {
  const { name } = input;
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const before = await tx.org.findUniqueOrThrow({ where: { id: scope.org.id } });
    if (before.name === name) return ok({ name });
    await tx.org.update({ where: { id: scope.org.id }, data: { name } });
    const target = `Org::"${scope.org.slug}"`;
    notes.record({ action: "org.rename", target, before: { name: before.name }, after: { name } });
    return ok({ name });
  });
}
