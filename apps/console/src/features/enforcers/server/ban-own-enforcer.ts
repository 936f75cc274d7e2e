import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { banInputSchema, bannedSchema } from "../schemas.ts";
import { banEnforcer } from "./ban-enforcer.ts";

/** Bans an enforcer of the org for good. */
export async function banOwnEnforcer(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof banInputSchema>,
): Answer<z.infer<typeof bannedSchema>> {
  return banEnforcer(deps, scope.data, changeActor(scope), { enforcerId: input.id, reason: input.reason });
}
