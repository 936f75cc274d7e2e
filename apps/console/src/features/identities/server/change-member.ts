import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { forbidden, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { personSchema, updateMemberInputSchema } from "../schemas.ts";
import { placeInGroups } from "./place-in-groups.ts";
import { personInclude, viewPerson } from "./principal-view.ts";

/** Changes a person's console role and groups. The last admin keeps the role. */
export async function changeMember(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof updateMemberInputSchema>,
): Answer<z.infer<typeof personSchema>> {
  const read = { where: { id: input.id, status: "active" }, include: personInclude } as const;
  return refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const stored = await tx.member.findUnique(read);
      if (!stored) return refuse(notFound("person"));
      const before = viewPerson(stored);
      if (input.role !== undefined && input.role !== before.role) {
        // Two admins who demote each other at once must not both succeed.
        const admins = await tx.$queryRaw<{ id: string }[]>`
          SELECT "id" FROM "member" WHERE "role" = 'admin' AND "status" = 'active' FOR UPDATE`;
        if (before.role === "admin" && admins.length <= 1) {
          return refuse(forbidden("The last admin keeps the role: make somebody else admin first."));
        }
        await tx.member.update({ where: { id: input.id }, data: { role: input.role } });
      }
      if (input.groups) {
        const placed = await placeInGroups(tx, scope.org.id, { memberId: input.id }, input.groups);
        if (!placed.ok) return refuse(placed.error);
      }
      const after = viewPerson(await tx.member.findUniqueOrThrow(read));
      notes.record({
        action: "member.update",
        target: `User::"${before.handle}"`,
        before: { role: before.role, groups: before.groups },
        after: { role: after.role, groups: after.groups },
      });
      notes.rebuild("group");
      return after;
    }),
  );
}
