import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import type { Deps } from "../../../server/deps.ts";
import { dataOf } from "../../../server/scope.ts";
import { runImpact } from "../server/impact/run-impact.ts";
import { impactJob } from "./impact.job.ts";

/** Two at once in one worker: a replay is processor work, and others wait in the queue. */
const CONCURRENCY = 2;

/** Runs a replay to its end; one that has ended, or that another worker is at, is left alone. */
export function impactHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(
    impactJob,
    ({ impactId, orgId }, { signal }) => runImpact(deps, dataOf(db, orgId), impactId, signal),
    { concurrency: CONCURRENCY },
  );
}
