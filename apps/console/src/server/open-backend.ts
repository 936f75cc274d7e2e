import { type Db, openDb } from "@sluice/db";
import { openQueues } from "@sluice/jobs";
import { systemClock } from "@sluice/kernel";
import { configureLogs, logger, sparingly } from "@sluice/telemetry";
import { Redis } from "ioredis";
import type { BackendEnv } from "../env.ts";
import type { Deps } from "./deps.ts";
import { sealerWith } from "./seal.ts";
import { redisWakeups } from "./wakeups.ts";

const log = logger("console.backend");

/** A server that is away is reported this often. */
const ERROR_EVERY_MS = 30_000;

/** What a process without pages holds: its way to data and to the other processes. */
export interface Backend {
  readonly db: Db;
  readonly deps: Deps;
  close(): Promise<void>;
}

/**
 * Opens database and Redis for one process. Throws when the database does not answer, with the cause; Redis may come later,
 * as nothing durable is in it.
 */
export async function openBackend(env: BackendEnv, options: { readonly connectionsMax: number }): Promise<Backend> {
  configureLogs({ level: env.logLevel });
  const db = openDb(env.databaseUrl.reveal(), {
    ...options,
    onConnectionError: (error) => log.warn({ err: error }, "database.connection_lost"),
  });
  await reach(db);
  const redis = new Redis(env.redisUrl.reveal(), {
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  redis.on(
    "error",
    sparingly<Error>(ERROR_EVERY_MS, (error, leftOut) => log.warn({ err: error, leftOut }, "redis.connection_failed")),
  );
  const wakeups = redisWakeups(redis);
  const queues = openQueues(env.redisUrl.reveal());
  return {
    db,
    deps: {
      clock: systemClock,
      sealer: sealerWith(env.sealKey),
      wakeups,
      queues,
      publicUrl: env.publicUrl,
      outbound: env.outbound,
    },
    close: async () => {
      await wakeups.close();
      await queues.close();
      redis.disconnect();
      await db.close();
    },
  };
}

async function reach(db: Db): Promise<void> {
  try {
    await db.ping();
  } catch (error) {
    await db.close();
    throw new Error("the database cannot be reached: check DATABASE_URL and that Postgres runs", { cause: error });
  }
}
