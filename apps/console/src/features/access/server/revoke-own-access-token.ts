import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { revokeAccessToken } from "../../access-tokens/index.ts";
import type { accessTokenInputSchema, revokedSchema } from "../schemas.ts";
import { ownPrincipals } from "./own-principals.ts";

/** Ends a token of oneself or one's agents, and the sessions that use it. */
export async function revokeOwnAccessToken(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof accessTokenInputSchema>,
): Answer<z.infer<typeof revokedSchema>> {
  const onlyOf = [...(await ownPrincipals(scope)).keys()];
  return revokeAccessToken(deps, scope.data, changeActor(scope), { tokenId: input.id, onlyOf });
}
