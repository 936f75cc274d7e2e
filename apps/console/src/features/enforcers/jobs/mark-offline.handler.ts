import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import type { Deps } from "../../../server/deps.ts";
import { eachOrg } from "../../../server/each-org.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { markOfflineJob } from "./mark-offline.job.ts";

/** Enforcers say something every five seconds; this long without a word and they count as offline. */
const SILENCE_MS = 20_000;

/** Marks silent enforcers in every org. */
export function markOfflineHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(markOfflineJob, () =>
    eachOrg(db, async (orgId) => {
      const before = new Date(deps.clock.now() - SILENCE_MS);
      const { count } = await db.withOrg(orgId, (tx) =>
        tx.enforcer.updateMany({
          where: { status: "online", OR: [{ lastSeenAt: null }, { lastSeenAt: { lt: before } }] },
          data: { status: "offline", sessions: 0 },
        }),
      );
      if (count > 0) await wakeOrg(deps, orgId);
    }),
  );
}
