import type { OrgTx } from "@sluice/db";
import { SILENT_MS } from "./impact-rows.ts";

/** A run that has not ended by then never will: its job was given up. */
const GIVEN_UP_MS = 30 * 60_000;
/** Results that nothing refers to are kept this long. */
const KEPT_MS = 7 * 24 * 3_600_000;
const LOST_MAX = 100;

/** Replays whose job was lost with Redis, or whose worker died. */
export async function lostImpacts(tx: OrgTx, nowMs: number): Promise<string[]> {
  const silentSince = new Date(nowMs - SILENT_MS);
  const rows = await tx.policyImpact.findMany({
    where: {
      createdAt: { gte: new Date(nowMs - GIVEN_UP_MS), lt: silentSince },
      OR: [{ status: "queued" }, { status: "running", beatAt: { lt: silentSince } }],
    },
    select: { id: true },
    take: LOST_MAX,
  });
  return rows.map(({ id }) => id);
}

/** Gives up what hangs and removes results of long ago that no request and no version was made by. */
export async function removeOldImpacts(tx: OrgTx, nowMs: number): Promise<void> {
  await tx.policyImpact.updateMany({
    where: { status: { in: ["queued", "running"] }, createdAt: { lt: new Date(nowMs - GIVEN_UP_MS) } },
    data: {
      status: "failed",
      endedAt: new Date(nowMs),
      error: "It did not end within half an hour. Try a shorter span.",
    },
  });
  await tx.$executeRaw`
    DELETE FROM "policy_impact" i WHERE i."createdAt" < ${new Date(nowMs - KEPT_MS)}
      AND NOT EXISTS (SELECT FROM "publish_request" p WHERE p."impactId" = i."id")
      AND NOT EXISTS (SELECT FROM "policy_version" v WHERE v."impactId" = i."id")`;
}
