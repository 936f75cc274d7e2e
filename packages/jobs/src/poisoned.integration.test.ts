import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { defineJob, handleJob, type JobDefinition } from "./job.ts";
import { openQueues, type Queues } from "./queues.ts";
import { type JobRunner, runJobs } from "./runner.ts";

const ATTEMPTS_MAX = 3;
let redis: Redis;
let queues: Queues;
let runner: JobRunner;
let job: JobDefinition<z.ZodObject<{ n: z.ZodNumber }>>;
let runs: number[];

beforeEach(() => {
  redis = new Redis(inject("redisUrl"));
  queues = openQueues(inject("redisUrl"));
  job = defineJob(`test-${randomUUID().slice(0, 8)}`, z.object({ n: z.number() }), {
    attemptsMax: ATTEMPTS_MAX,
    backoffMs: 5,
  });
  runs = [];
  runner = runJobs(inject("redisUrl"), [
    handleJob(job, async ({ n }) => {
      runs.push(n);
      if (n < 0) throw new Error("never works");
    }),
  ]);
});
afterEach(async () => {
  await runner.close();
  await queues.close();
  redis.disconnect();
});

/** Puts a job into Redis as somebody would who can write there, and wakes the worker with a good one behind it. */
async function forge(fields: Readonly<Record<string, string | number>>): Promise<void> {
  const id = randomUUID();
  const whole = {
    name: job.name,
    data: '{"n":-1}',
    opts: "{}",
    timestamp: Date.now(),
    delay: 0,
    priority: 0,
    ...fields,
  };
  await redis.hset(`sluice:${job.name}:${id}`, whole);
  await redis.lpush(`sluice:${job.name}:wait`, id);
  await queues.enqueue(job, { n: 7 });
}

async function expectGivenUp(): Promise<void> {
  const ended = { failed: 1, delayed: 0, waiting: 0, active: 0 };
  await expect.poll(() => queues.counts(job), { timeout: 20_000 }).toEqual(ended);
  expect(runs.filter((n) => n === 7)).toEqual([7]);
}

describe("a job that somebody put into Redis", () => {
  test("is tried as often as its definition says, whatever number it brings", async () => {
    await forge({ opts: JSON.stringify({ attempts: 1_000_000, backoff: { type: "fixed", delay: 0 } }) });
    await expectGivenUp();
    expect(runs.filter((n) => n === -1).length).toBe(ATTEMPTS_MAX);
    expect(runner.metrics().get(job.name)).toMatchObject({ givenUp: 1 });
  });

  test("is not run when it claims tries that cannot have been", async () => {
    await forge({ atm: -1_000_000, opts: JSON.stringify({ attempts: 1_000_000 }) });
    await expectGivenUp();
    expect(runs).toEqual([7]);
  });

  test("is not run under another name than its queue's", async () => {
    await forge({ name: "another.job", data: '{"n":1}' });
    await expectGivenUp();
    expect(runs).toEqual([7]);
  });

  test.each([
    ["of another form", '{"n":"seven","then":{"orgId":"x"}}'],
    ["that is no object", "[]"],
    ["that is not there", ""],
    ["of 32 MiB", JSON.stringify({ n: "x".repeat(32 * 1_048_576) })],
    ["nested a hundred thousand levels deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ])("is not run, nor tried again, with a payload %s", async (_, data) => {
    await forge({ data });
    await expectGivenUp();
    expect(runs).toEqual([7]);
    expect(runner.metrics().get(job.name)).toMatchObject({ givenUp: 1 });
  });

  test("is not tried for ever when the count of its tries never grows", async () => {
    await forge({
      attemptsMade: 0,
      opts: JSON.stringify({ attempts: 1_000_000, backoff: { type: "fixed", delay: 0 } }),
    });
    await expectGivenUp();
    expect(runs.filter((n) => n === -1).length).toBeLessThan(20);
  });

  test("is not run, nor taken again and again, when its payload is not even JSON", async () => {
    await forge({ data: "{" });
    await expectGivenUp();
    expect(runs).toEqual([7]);
  });

  test.each([{ opts: "{" }, { progress: "no" }, { parent: "no" }])(
    "ends among the failed ones and stops nothing else when BullMQ itself cannot read it: %j",
    { timeout: 60_000 },
    async (fields) => {
      await forge({ data: '{"n":1}', ...fields });
      await expect.poll(() => runs, { timeout: 10_000 }).toEqual([7]);
      await expect
        .poll(() => queues.counts(job), { timeout: 40_000 })
        .toMatchObject({ failed: 1, waiting: 0, active: 0 });
      expect(runs).toEqual([7]);
    },
  );
});
