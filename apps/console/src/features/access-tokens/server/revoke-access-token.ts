import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import type { OrgData } from "../../../server/scope.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { ChangeActor } from "../../records/index.ts";

/** Why nothing is revoked. */
export type RevokeTokenError = TaggedError<"request.not_found">;

/**
 * Ends an access token before its time: enforcers are told at once and end its sessions; the next bundle carries it for
 * those that were away. Revoking twice is the same as once. `onlyOf` limits it to one principal's tokens.
 */
export async function revokeAccessToken(
  deps: Deps,
  data: OrgData,
  actor: ChangeActor,
  input: { readonly tokenId: string; readonly onlyOf?: readonly string[] },
): Promise<Result<{ readonly id: string }, RevokeTokenError>> {
  return changeOrg(deps, data, actor, async (tx, notes) => {
    const token = await tx.accessToken.findUnique({ where: { id: input.tokenId } });
    if (!token || (input.onlyOf && !input.onlyOf.includes(token.principalId))) {
      return err(taggedError("request.not_found", "There is no such access token."));
    }
    if (token.revokedAt) return ok({ id: token.id });
    await tx.accessToken.update({ where: { id: token.id }, data: { revokedAt: new Date(deps.clock.now()) } });
    notes.record({ action: "access_token.revoke", target: `AccessToken::"${token.id}"` });
    notes.rebuild("token");
    return ok({ id: token.id });
  });
}
