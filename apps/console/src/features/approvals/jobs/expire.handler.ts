import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import type { Deps } from "../../../server/deps.ts";
import { eachOrg } from "../../../server/each-org.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { expireApprovals } from "../server/end-approval.ts";
import { expireApprovalsJob } from "./expire.job.ts";

/** Expires what waits too long, in every org. */
export function expireApprovalsHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(expireApprovalsJob, () =>
    eachOrg(db, async (orgId) => {
      const expired = await db.withOrg(orgId, (tx) => expireApprovals(tx, deps.clock.now()));
      if (expired > 0) await wakeOrg(deps, orgId);
    }),
  );
}
