import type { Db } from "@sluice/db";
import { logger } from "@sluice/telemetry";

const log = logger("console.orgs");

/** Does work for every org, one after the other. One org's failure is logged and does not keep the others waiting; afterwards it throws. */
export async function eachOrg(db: Db, work: (orgId: string) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const orgId of await db.lookups.orgIds()) {
    try {
      await work(orgId);
    } catch (error) {
      log.error({ err: error, orgId }, "org.work_failed");
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `work failed for ${failures.length} orgs`);
}
