import { logger, sparingly } from "@sluice/telemetry";
import { type Job, UnrecoverableError } from "bullmq";
import { BadJobPayload, type JobHandler, JobNotYet } from "./job.ts";
import { workerConnection } from "./redis.ts";
import { SteadyWorker } from "./steady-worker.ts";

const log = logger("jobs");

/** Counted since the process started, per job. */
export interface JobMetrics {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** will not be tried again: the log names each as `job.given_up` */
  readonly givenUp: number;
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
  const metrics = new Map<string, Counts>();
  const stop = new AbortController();
  const workers = handlers.map((handler) => {
    const { name } = handler.definition;
    const counts: Counts = { done: 0, failed: 0, running: 0, givenUp: 0, lastMs: 0 };
    metrics.set(name, counts);
    const worker = new SteadyWorker(name, (job) => runOne(handler, job, counts, stop.signal), {
      connection: workerConnection(redisUrl),
      prefix: "sluice",
      concurrency: handler.concurrency,
      lockDuration: lockMs,
      stalledInterval: 3_000,
      maxStalledCount: STALLED_MAX,
      settings: {
        backoffStrategy: (attempt) =>
          Math.min(handler.definition.backoffMs * 2 ** (attempt - 1), handler.definition.backoffMsMax),
      },
    });
    worker.on(
      "error",
      sparingly<Error>(30_000, (err, leftOut) => log.warn({ err, leftOut, job: name }, "job.worker_failed")),
    );
    worker.on("stalled", (jobId) => {
      worker.mend(jobId).catch((err: unknown) => log.warn({ err, job: name, jobId }, "job.not_mended"));
    });
    return worker;
  });
  const close = async () => {
    stop.abort();
    await Promise.all(workers.map((worker) => worker.close()));
  };
  return { metrics: () => metrics, close, [Symbol.asyncDispose]: close };
}

const lockMs = 6_000;
/** How often a job may be lost with its worker before it counts as what kills workers. */
const STALLED_MAX = 5;

type Counts = { -readonly [Key in keyof JobMetrics]: JobMetrics[Key] };

/**
 * Runs a job once. How often it is tried is for its definition to say: the options that lie beside it in Redis are not
 * trusted, nor is the name it carries.
 */
async function runOne(handler: JobHandler, job: Job, counts: Counts, signal: AbortSignal): Promise<void> {
  const { attemptsMax, name } = handler.definition;
  const startedAt = performance.now();
  const attempt = job.attemptsMade + 1;
  counts.running += 1;
  try {
    if (job.name !== name) throw new BadJobPayload(`a job in the queue ${name} carries another name`);
    // counted at each start; a job that brings numbers of its own could be tried for ever
    const startsMax = attemptsMax + STALLED_MAX + 1;
    const counted = attempt >= 1 && attempt <= job.attemptsStarted && job.attemptsStarted <= startsMax;
    if (!counted) throw new BadJobPayload(`job ${name}: its number of tries cannot be`);
    await handler.run(job.data, { attempt, signal });
    counts.done += 1;
  } catch (error) {
    const said = { job: name, jobId: job.id, attempt };
    const last = attempt >= attemptsMax || error instanceof BadJobPayload;
    if (error instanceof JobNotYet && !last) {
      log.debug({ ...said, reason: error.message }, "job.not_yet");
      throw error;
    }
    counts.failed += 1;
    if (!last) {
      log.warn({ err: error, ...said }, "job.failed");
      throw error;
    }
    counts.givenUp += 1;
    log.error({ err: error, ...said }, "job.given_up");
    throw new UnrecoverableError(error instanceof Error ? error.message : "the job failed");
  } finally {
    counts.running -= 1;
    counts.lastMs = Math.round(performance.now() - startedAt);
    log.debug({ job: name, tookMs: counts.lastMs, attempt }, "job.ended");
  }
}
