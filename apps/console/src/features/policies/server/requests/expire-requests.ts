import type { Deps } from "../../../../server/deps.ts";
import type { OrgData } from "../../../../server/scope.ts";
import { changeOrg } from "../../../bundles/index.ts";
import { systemActor } from "../../../records/index.ts";

/** Ends requests whose time is over, each with a record in the org's ledger; returns how many. */
export async function expireRequests(deps: Deps, data: OrgData): Promise<number> {
  const now = new Date(deps.clock.now());
  const over = { status: "waiting", expiresAt: { lte: now } };
  if ((await data.tx((tx) => tx.publishRequest.count({ where: over }))) === 0) return 0;
  return changeOrg(deps, data, systemActor, async (tx, notes) => {
    const ended = await tx.publishRequest.updateManyAndReturn({
      where: over,
      data: { status: "expired", decidedAt: now, reason: "Nobody decided in time." },
      select: { id: true },
    });
    for (const { id } of ended) {
      notes.record({
        action: "publish_request.expire",
        target: `PublishRequest::"${id}"`,
        before: { status: "waiting" },
        after: { status: "expired" },
      });
    }
    return ended.length;
  });
}
