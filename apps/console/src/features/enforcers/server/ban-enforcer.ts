import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../server/deps.ts";
import type { OrgData } from "../../../server/scope.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { ChangeActor } from "../../records/index.ts";

/** Why nothing is banned. */
export type BanError = TaggedError<"request.not_found">;

/** Bans an enforcer for good: its stream ends, it wipes its cache, its certificate and open tokens are worth nothing. */
export async function banEnforcer(
  deps: Deps,
  data: OrgData,
  actor: ChangeActor,
  input: { readonly enforcerId: string; readonly reason: string },
): Promise<Result<{ readonly id: string }, BanError>> {
  return changeOrg(deps, data, actor, async (tx, notes) => {
    const enforcer = await tx.enforcer.findUnique({ where: { id: input.enforcerId } });
    if (!enforcer) return err(taggedError("request.not_found", "There is no such enforcer."));
    await tx.enforcer.update({
      where: { id: enforcer.id },
      data: { status: "banned", refusedReason: input.reason, refusedCode: null },
    });
    await tx.enrolToken.deleteMany({ where: { enforcerId: enforcer.id, usedAt: null } });
    notes.record({
      action: "enforcer.ban",
      target: `Enforcer::"${enforcer.name}"`,
      before: { status: enforcer.status },
      after: { status: "banned", reason: input.reason },
    });
    return ok({ id: enforcer.id });
  });
}
