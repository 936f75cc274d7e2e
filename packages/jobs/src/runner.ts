import { logger, sparingly } from "@sluice/telemetry";
import { type Job, UnrecoverableError, Worker } from "bullmq";
import { BadJobPayload, type JobHandler, JobNotYet } from "./job.ts";
import { workerConnection } from "./redis.ts";

const log = logger("jobs");

/** Counted since the process started, per job. */
export interface JobMetrics {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** of the last finished run */
  readonly lastMs: number;
}

/** Running workers. `close` waits for what runs, then disconnects. */
export interface JobRunner extends AsyncDisposable {
  metrics(): ReadonlyMap<string, JobMetrics>;
  close(): Promise<void>;
}

/**
 * Runs handlers, one queue each. A worker that is killed holds its jobs up for `lockMs` at most (BullMQ's defaults would
 * be half a minute and more), then another takes them: every handler must bear being run again.
 */
export function runJobs(redisUrl: string, handlers: readonly JobHandler[]): JobRunner {
  const metrics = new Map<string, { done: number; failed: number; running: number; lastMs: number }>();
  const stop = new AbortController();
  const workers = handlers.map((handler) => {
    const { name } = handler.definition;
    const counts = { done: 0, failed: 0, running: 0, lastMs: 0 };
    metrics.set(name, counts);
    const worker = new Worker(name, (job) => runOne(handler, job, counts, stop.signal), {
      connection: workerConnection(redisUrl),
      prefix: "sluice",
      concurrency: handler.concurrency,
      lockDuration: lockMs,
      stalledInterval: 3_000,
      maxStalledCount: 20,
      settings: {
        backoffStrategy: (attempt) =>
          Math.min(handler.definition.backoffMs * 2 ** (attempt - 1), handler.definition.backoffMsMax),
      },
    });
    worker.on(
      "error",
      sparingly<Error>(30_000, (err, leftOut) => log.warn({ err, leftOut, job: name }, "job.worker_failed")),
    );
    return worker;
  });
  const close = async () => {
    stop.abort();
    await Promise.all(workers.map((worker) => worker.close()));
  };
  return { metrics: () => metrics, close, [Symbol.asyncDispose]: close };
}

const lockMs = 6_000;

async function runOne(
  handler: JobHandler,
  job: Job,
  counts: { done: number; failed: number; running: number; lastMs: number },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const attempt = job.attemptsMade + 1;
  counts.running += 1;
  try {
    await handler.run(job.data, { attempt, signal });
    counts.done += 1;
  } catch (error) {
    if (error instanceof JobNotYet) {
      log.debug({ job: handler.definition.name, jobId: job.id, attempt, reason: error.message }, "job.not_yet");
      throw error;
    }
    counts.failed += 1;
    log.warn({ err: error, job: handler.definition.name, jobId: job.id, attempt }, "job.failed");
    if (error instanceof BadJobPayload) throw new UnrecoverableError(error.message);
    throw error;
  } finally {
    counts.running -= 1;
    counts.lastMs = Math.round(performance.now() - startedAt);
    log.debug({ job: handler.definition.name, tookMs: counts.lastMs, attempt }, "job.ended");
  }
}
