import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { apiTokenInputSchema, apiTokenRevokedSchema } from "../schemas.ts";

/** Ends one of one's own API tokens. Doing it twice is the same as once. */
export async function endApiToken(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof apiTokenInputSchema>,
): Answer<z.infer<typeof apiTokenRevokedSchema>> {
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const where = { id: input.id, memberId: scope.actor.memberId };
    const token = await tx.apiToken.findFirst({ where, omit: { tokenHash: true } });
    if (!token) return err(notFound("API token of yours"));
    if (!token.revokedAt) {
      await tx.apiToken.update({ where: { id: token.id }, data: { revokedAt: new Date(deps.clock.now()) } });
      notes.record({ action: "api_token.revoke", target: `ApiToken::"${token.id}"` });
    }
    return ok({ id: token.id });
  });
}
