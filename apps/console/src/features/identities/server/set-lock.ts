import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { forbidden, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { lockStateSchema, principalInputSchema } from "../schemas.ts";

/**
 * Locks or unlocks a person or an agent: enforcers learn it with the next bundle, and a locked person's console sessions
 * end at once. Nobody locks themselves out. Doing it twice is the same as once.
 */
export async function setLock(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof principalInputSchema>,
  locked: boolean,
): Answer<z.infer<typeof lockStateSchema>> {
  if (locked && input.id === scope.actor.memberId)
    return err(forbidden("You cannot lock yourself: ask another admin."));
  return changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
    const where = { id: input.id };
    const found = input.type === "User" ? await tx.member.findUnique({ where }) : await tx.agent.findUnique({ where });
    if (!found) return err(notFound(input.type === "User" ? "person" : "agent"));
    if ((found.lockedAt !== null) === locked) {
      return ok({ id: found.id, lockedAt: found.lockedAt?.toISOString() ?? null });
    }
    const lockedAt = locked ? new Date(deps.clock.now()) : null;
    if (input.type === "User") {
      await tx.member.update({ where, data: { lockedAt } });
      if (locked) await tx.authSession.deleteMany({ where: { memberId: input.id } });
    } else {
      await tx.agent.update({ where, data: { lockedAt } });
    }
    const target = `${input.type}::"${found.handle}"`;
    notes.record({ action: locked ? "principal.lock" : "principal.unlock", target });
    notes.rebuild(input.type === "User" ? "member" : "agent");
    return ok({ id: found.id, lockedAt: lockedAt?.toISOString() ?? null });
  });
}
