import { err, newId, ok } from "@sluice/kernel";
import type { z } from "zod";
import { newApiToken, tokenHash } from "../../../server/auth/api-tokens.ts";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { conflict } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { apiTokenSchema, createApiTokenInputSchema } from "../schemas.ts";

/** Working tokens of one member at most. */
const TOKENS_PER_MEMBER_MAX = 50;
const DAY_MS = 24 * 60 * 60_000;

/** Makes a bearer token for the REST API that can do what its member can; only its sha-256 is stored. */
export async function makeApiToken(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof createApiTokenInputSchema>,
): Answer<z.infer<typeof apiTokenSchema>> {
  const now = deps.clock.now();
  const { memberId } = scope.actor;
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const working = { memberId, revokedAt: null, expiresAt: { gt: new Date(now) } };
    if ((await tx.apiToken.count({ where: working })) >= TOKENS_PER_MEMBER_MAX) {
      return err(conflict(`You have ${TOKENS_PER_MEMBER_MAX} working tokens: end one first.`));
    }
    const id = newId(now);
    const token = newApiToken();
    const expiresAt = new Date(now + input.days * DAY_MS);
    await tx.apiToken.create({
      data: { id, orgId: scope.org.id, memberId, name: input.name, tokenHash: tokenHash(token), expiresAt },
    });
    notes.record({ action: "api_token.create", target: `ApiToken::"${id}"`, after: { name: input.name, expiresAt } });
    return ok({ id, token, expiresAt: expiresAt.toISOString() });
  });
}
