import { logger, sparingly } from "@sluice/telemetry";
import { Queue } from "bullmq";
import type { z } from "zod";
import type { JobDefinition } from "./job.ts";
import { producerConnection } from "./redis.ts";

const log = logger("jobs");

/** Puts work into Redis. What is queued may be lost with Redis, so whoever queues keeps the source until it is done. */
export interface Queues extends AsyncDisposable {
  /**
   * Queues one job. With an `id`, a job of that id that still waits or runs is not queued twice; an id holds no ":".
   * Rejects within seconds when Redis cannot be reached.
   */
  enqueue<S extends z.ZodType>(job: JobDefinition<S>, payload: z.input<S>, options?: { id?: string }): Promise<void>;
  /** Runs the job every so many milliseconds, once over all processes. Calling it again replaces the schedule. */
  schedule<S extends z.ZodType>(job: JobDefinition<S>, everyMs: number, payload: z.input<S>): Promise<void>;
  /** Waiting, running, delayed and failed jobs of one queue. */
  counts(job: JobDefinition): Promise<QueueCounts>;
  close(): Promise<void>;
}

/** How full a queue is. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** Opens the producing side. Connects lazily; no call here waits for Redis. */
export function openQueues(redisUrl: string): Queues {
  const queues = new Map<string, Queue>();
  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const queue = new Queue(name, {
      connection: producerConnection(redisUrl),
      prefix: "sluice",
      skipWaitingForReady: true,
    });
    queue.on(
      "error",
      sparingly<Error>(30_000, (err, leftOut) => log.warn({ err, leftOut, queue: name }, "queue.connection_failed")),
    );
    queues.set(name, queue);
    return queue;
  };
  const close = async () => {
    await Promise.all([...queues.values()].map((queue) => queue.close()));
  };
  return {
    enqueue: async (job, payload, options) => {
      const data = job.schema.parse(payload);
      await queueOf(job.name).add(job.name, data, {
        ...jobOptions(job),
        // A failed job that stayed would keep its id taken.
        ...(options?.id === undefined ? {} : { jobId: options.id, removeOnFail: true }),
      });
    },
    schedule: async (job, everyMs, payload) => {
      const template = { name: job.name, data: job.schema.parse(payload), opts: jobOptions(job) };
      await queueOf(job.name).upsertJobScheduler(job.name, { every: everyMs }, template);
    },
    counts: async (job) => {
      const queue = queueOf(job.name);
      const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
      const of = (state: string) => counts[state] ?? 0;
      return { waiting: of("waiting"), active: of("active"), delayed: of("delayed"), failed: of("failed") };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function jobOptions(job: JobDefinition) {
  return {
    attempts: job.attemptsMax,
    backoff: { type: "capped", delay: job.backoffMs },
    // A finished job is removed, so that its id may be queued again when its source asks again.
    removeOnComplete: true,
    removeOnFail: { count: 100 },
  };
}
