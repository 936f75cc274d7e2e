import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { runInputSchema, startedRunSchema } from "../schemas.ts";

/** Stops a run: enforcers are told at once, and what they found so far stays. */
export async function stopRun(
  deps: Deps,
  scope: OrgScope,
  { id }: z.infer<typeof runInputSchema>,
): Answer<z.infer<typeof startedRunSchema>> {
  const run = await scope.data.tx((tx) => tx.shadowRun.findFirst({ where: { id } }));
  if (!run) return err(notFound("shadow run"));
  const { number } = run;
  const stopped = await refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const now = new Date(deps.clock.now());
      const { count } = await tx.shadowRun.updateMany({
        where: { id, stoppedAt: null, endsAt: { gt: now } },
        data: { stoppedAt: now, stoppedById: scope.actor.memberId },
      });
      if (count === 0) return refuse(conflict(`Shadow run ${number} is over already.`));
      notes.record({ action: "shadow_run.stop", target: `ShadowRun::"${number}"` });
    }),
  );
  return stopped.ok ? ok({ id, number }) : stopped;
}
