import { isUniqueViolation } from "@sluice/db";
import { err, newId } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { addMemberInputSchema, personSchema } from "../schemas.ts";
import { placeInGroups } from "./place-in-groups.ts";
import { personInclude, viewPerson } from "./principal-view.ts";

/** Adds a person who may then sign in with this e-mail address. Handles and addresses are taken once and for ever. */
export async function createMember(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof addMemberInputSchema>,
): Answer<z.infer<typeof personSchema>> {
  const { handle, name, role } = input;
  const email = input.email.toLowerCase();
  const id = newId(deps.clock.now());
  const work = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      await tx.member.create({ data: { id, orgId: scope.org.id, handle, name, email, role } });
      const placed = await placeInGroups(tx, scope.org.id, { memberId: id }, input.groups);
      if (!placed.ok) return refuse(placed.error);
      notes.record({ action: "member.add", target: `User::"${handle}"`, after: { email, role, groups: input.groups } });
      notes.rebuild("member");
      return viewPerson(await tx.member.findUniqueOrThrow({ where: { id }, include: personInclude }));
    }),
  );
  return work.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("Somebody here has, or had, this handle or e-mail address."));
    throw error;
  });
}
