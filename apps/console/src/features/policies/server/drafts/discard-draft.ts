import type { z } from "zod";
import { changeActor } from "../../../../server/change-actor.ts";
import type { Deps } from "../../../../server/deps.ts";
import { refusable } from "../../../../server/refusable.ts";
import { conflict, notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import { changeOrg } from "../../../bundles/index.ts";
import type { draftInputSchema, draftRowSchema } from "../../draft-schemas.ts";
import { holdDraft } from "./hold-draft.ts";
import { readDraftRow } from "./read-drafts.ts";

/**
 * Puts a draft aside: it stays readable and can never be published. Refused for one that was published or discarded already, and
 * while a second person is asked about it.
 */
export async function discardDraft(
  deps: Deps,
  scope: OrgScope,
  { number }: z.infer<typeof draftInputSchema>,
): Answer<z.infer<typeof draftRowSchema>> {
  const discarded = await refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const held = await holdDraft(tx, number);
      const row = await readDraftRow(tx, number);
      if (!row) return refuse(notFound("draft"));
      if (!held) return refuse(conflict(`Draft ${number} was discarded already.`));
      if (row.state === "published") return refuse(conflict(`Draft ${number} is version ${row.version}: roll back.`));
      if (row.state === "waiting") {
        return refuse(conflict(`A second person is asked about draft ${number}: withdraw that request first.`));
      }
      const discardedAt = new Date(deps.clock.now());
      await tx.policyDraft.updateMany({
        where: { number },
        data: { discardedAt, discardedById: scope.actor.memberId },
      });
      const { baseVersion, note } = row;
      notes.record({
        action: "policy_draft.discard",
        target: `PolicyDraft::"${number}"`,
        before: { number, baseVersion, note },
        after: { discarded: true },
      });
      return true;
    }),
  );
  if (!discarded.ok) return discarded;
  const row = await scope.data.tx((tx) => readDraftRow(tx, number));
  if (!row) throw new Error("a draft that was discarded is kept");
  return { ok: true, value: row };
}
