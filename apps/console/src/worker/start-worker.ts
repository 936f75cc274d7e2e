import type { Db } from "@sluice/db";
import { type JobMetrics, openQueues, runJobs } from "@sluice/jobs";
import { logger } from "@sluice/telemetry";
import { expireApprovalsHandler } from "../features/approvals/jobs/expire.handler.ts";
import { expireApprovalsJob } from "../features/approvals/jobs/expire.job.ts";
import { renewBundlesHandler } from "../features/bundles/jobs/renew.handler.ts";
import { renewBundlesJob } from "../features/bundles/jobs/renew.job.ts";
import { markOfflineHandler } from "../features/enforcers/jobs/mark-offline.handler.ts";
import { markOfflineJob } from "../features/enforcers/jobs/mark-offline.job.ts";
import { impactHandler } from "../features/policies/jobs/impact.handler.ts";
import { tendPublishingHandler } from "../features/policies/jobs/tend-publishing.handler.ts";
import { tendPublishingJob } from "../features/policies/jobs/tend-publishing.job.ts";
import { ingestHandler } from "../features/records/jobs/ingest.handler.ts";
import { partitionsHandler } from "../features/records/jobs/partitions.handler.ts";
import { partitionsJob } from "../features/records/jobs/partitions.job.ts";
import type { Deps } from "../server/deps.ts";

const log = logger("worker");

const schedules = [
  { job: expireApprovalsJob, everyMs: 5_000 },
  { job: markOfflineJob, everyMs: 10_000 },
  { job: renewBundlesJob, everyMs: 60_000 },
  { job: tendPublishingJob, everyMs: 10_000 },
  { job: partitionsJob, everyMs: 6 * 3_600_000 },
] as const;
/** Redis may forget the schedules with everything else, so they are written again. */
const RESCHEDULE_MS = 60_000;

/** A running worker. */
export interface RunningWorker {
  metrics(): ReadonlyMap<string, JobMetrics>;
  /** Waits for the jobs that run, then lets go of Redis. */
  close(): Promise<void>;
}

/** Registers every job's handler and keeps the schedules. Any number of workers may run beside each other. */
export async function startWorker(redisUrl: string, db: Db, deps: Deps): Promise<RunningWorker> {
  const queues = openQueues(redisUrl);
  const handlers = [
    ingestHandler(db, deps),
    expireApprovalsHandler(db, deps),
    markOfflineHandler(db, deps),
    renewBundlesHandler(db, deps),
    partitionsHandler(db),
    impactHandler(db, deps),
    tendPublishingHandler(db, deps),
  ];
  const runner = runJobs(redisUrl, handlers);
  const tellMetrics = async () => {
    for (const { definition } of handlers) {
      const [counts, queue] = [runner.metrics().get(definition.name), await queues.counts(definition)];
      log.info({ job: definition.name, ...counts, queue }, "worker.metrics");
    }
  };
  const schedule = async () => {
    for (const { job, everyMs } of schedules) {
      await queues
        .schedule(job, everyMs, {})
        .catch((error: unknown) => log.warn({ err: error, job: job.name }, "job.not_scheduled"));
    }
  };
  const timer = setInterval(() => {
    void schedule();
    tellMetrics().catch((err: unknown) => log.warn({ err }, "worker.metrics_unknown"));
  }, RESCHEDULE_MS);
  await schedule();
  return {
    metrics: () => runner.metrics(),
    close: async () => {
      clearInterval(timer);
      await runner.close();
      await queues.close();
    },
  };
}
