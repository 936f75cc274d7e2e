import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import { logger } from "@sluice/telemetry";
import { partitionsJob } from "./partitions.job.ts";

const log = logger("worker.records");
const MONTHS_AHEAD = 3;

/** Keeps this month's and the next three months' partitions. */
export function partitionsHandler(db: Db): JobHandler {
  return handleJob(partitionsJob, async () => {
    const made = await db.prepareRecordPartitions(MONTHS_AHEAD);
    if (made > 0) log.info({ made }, "records.partitions_made");
  });
}
