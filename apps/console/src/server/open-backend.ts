import { type Db, openDb } from "@sluice/db";
import { systemClock } from "@sluice/kernel";
import { configureLogs, logger } from "@sluice/telemetry";
import { Redis } from "ioredis";
import type { BackendEnv } from "../env.ts";
import type { Deps } from "./deps.ts";
import { sealerWith } from "./seal.ts";
import { redisWakeups } from "./wakeups.ts";

const log = logger("console.backend");

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
  await db.ping();
  const redis = new Redis(env.redisUrl.reveal(), {
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  redis.on("error", (error) => log.warn({ err: error }, "redis.connection_failed"));
  const wakeups = redisWakeups(redis);
  return {
    db,
    deps: { clock: systemClock, sealer: sealerWith(env.sealKey), wakeups, publicUrl: env.publicUrl },
    close: async () => {
      await wakeups.close();
      redis.disconnect();
      await db.close();
    },
  };
}

/** Runs `close` once on SIGTERM or SIGINT and then ends the process; a second signal, or 15 s, end it at once. */
export function closeOnSignal(close: () => Promise<void>): void {
  let closing = false;
  const end = (signal: string) => {
    if (closing) process.exit(1);
    closing = true;
    log.info({ signal }, "process.closing");
    setTimeout(() => process.exit(1), 15_000).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "process.close_failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
}
