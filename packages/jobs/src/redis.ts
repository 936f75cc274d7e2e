import type { RedisOptions } from "bullmq";

/** Retries for ever, at most two seconds apart: Redis coming back is the normal case. */
const retryStrategy = (times: number): number => Math.min(times * 100, 2_000);

/** Connection of a process that queues: fails fast, so that the caller can keep what it has and try again itself. */
export function producerConnection(url: string): RedisOptions {
  return { url, retryStrategy, maxRetriesPerRequest: 1, connectTimeout: 5_000, commandTimeout: 5_000 };
}

/** Connection of a worker: waits for as long as it takes (BullMQ demands no limit on retries here). */
export function workerConnection(url: string): RedisOptions {
  return { url, retryStrategy, maxRetriesPerRequest: null, connectTimeout: 5_000 };
}
