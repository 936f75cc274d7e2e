import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { defineJob, handleJob, JobNotYet } from "./job.ts";
import { openQueues } from "./queues.ts";
import { runJobs } from "./runner.ts";

const closing: { close(): Promise<void> }[] = [];
const opened = <T extends { close(): Promise<void> }>(value: T): T => {
  closing.push(value);
  return value;
};
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});
const aJob = (attemptsMax = 3) =>
  defineJob(`test-${randomUUID().slice(0, 8)}`, z.object({ n: z.number() }), { attemptsMax, backoffMs: 10 });
const until = (check: () => boolean) => expect.poll(check, { timeout: 8_000, interval: 20 }).toBe(true);

describe("a queue", () => {
  test("runs a job with its parsed payload, and again after a failure", async () => {
    const job = aJob();
    const seen: number[] = [];
    const queues = opened(openQueues(inject("redisUrl")));
    const runner = opened(
      runJobs(inject("redisUrl"), [
        handleJob(job, async ({ n }, { attempt }) => {
          seen.push(n * 10 + attempt);
          if (attempt === 1) throw new Error("once");
        }),
      ]),
    );
    await queues.enqueue(job, { n: 7 });
    await until(() => seen.length === 2);
    expect(seen).toEqual([71, 72]);
    await until(() => runner.metrics().get(job.name)?.done === 1);
    expect(runner.metrics().get(job.name)).toMatchObject({ done: 1, failed: 1, running: 0 });
  });

  test("runs a job again whose turn has not come, and calls nothing failed", async () => {
    const job = aJob();
    const queues = opened(openQueues(inject("redisUrl")));
    const runner = opened(
      runJobs(inject("redisUrl"), [
        handleJob(job, async (_, { attempt }) => {
          if (attempt === 1) throw new JobNotYet("another comes first");
        }),
      ]),
    );
    await queues.enqueue(job, { n: 1 });
    await until(() => runner.metrics().get(job.name)?.done === 1);
    expect(runner.metrics().get(job.name)).toMatchObject({ done: 1, failed: 0, running: 0 });
  });

  test("refuses a payload of another form when queueing", async () => {
    const queues = opened(openQueues(inject("redisUrl")));
    // @ts-expect-error what a caller in another language could send
    await expect(queues.enqueue(aJob(), { n: "seven" })).rejects.toThrow();
  });

  test("does not run, nor try again, a payload that was changed in Redis", async () => {
    const job = aJob(5);
    const loose = { ...job, schema: z.object({ n: z.string() }) };
    const queues = opened(openQueues(inject("redisUrl")));
    const runner = opened(runJobs(inject("redisUrl"), [handleJob(job, async () => expect.unreachable())]));
    await queues.enqueue(loose, { n: "seven" });
    await until(() => runner.metrics().get(job.name)?.failed === 1);
    await expect.poll(() => queues.counts(job)).toMatchObject({ failed: 1, delayed: 0, waiting: 0 });
  });

  test("takes a job of the same id once while it waits and again when it has ended", async () => {
    const job = aJob();
    let runs = 0;
    const queues = opened(openQueues(inject("redisUrl")));
    await queues.enqueue(job, { n: 1 }, { id: "same" });
    await queues.enqueue(job, { n: 1 }, { id: "same" });
    expect(await queues.counts(job)).toMatchObject({ waiting: 1 });
    opened(runJobs(inject("redisUrl"), [handleJob(job, async () => void (runs += 1))]));
    await until(() => runs === 1);
    await expect.poll(() => queues.counts(job)).toMatchObject({ waiting: 0, active: 0 });
    await queues.enqueue(job, { n: 1 }, { id: "same" });
    await until(() => runs === 2);
  });

  test("fails fast when Redis is not there", async () => {
    const queues = openQueues("redis://127.0.0.1:1");
    const startedAt = performance.now();
    await expect(queues.enqueue(aJob(), { n: 1 })).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    await queues.close().catch(() => undefined); // it never connected: nothing to close in order
  });
});
