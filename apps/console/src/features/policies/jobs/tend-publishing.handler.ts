import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import type { Deps } from "../../../server/deps.ts";
import { eachOrg } from "../../../server/each-org.ts";
import { dataOf } from "../../../server/scope.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { lostImpacts, removeOldImpacts } from "../server/impact/tend-impacts.ts";
import { expireRequests } from "../server/requests/expire-requests.ts";
import { impactJob } from "./impact.job.ts";
import { tendPublishingJob } from "./tend-publishing.job.ts";

/** Tends every org; what one run misses the next does. */
export function tendPublishingHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(tendPublishingJob, () =>
    eachOrg(db, async (orgId) => {
      const data = dataOf(db, orgId);
      const nowMs = deps.clock.now();
      for (const impactId of await data.tx((tx) => lostImpacts(tx, nowMs))) {
        await deps.queues.enqueue(impactJob, { orgId, impactId }, { id: impactId });
      }
      const expired = await expireRequests(deps, data);
      await data.tx((tx) => removeOldImpacts(tx, nowMs));
      if (expired > 0) await wakeOrg(deps, orgId);
    }),
  );
}
