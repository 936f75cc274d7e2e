import { type Db, openDb } from "@sluice/db";
import { openQueues } from "@sluice/jobs";
import { type Secret, systemClock } from "@sluice/kernel";
import { configureLogs, logger, sparingly } from "@sluice/telemetry";
import { Redis } from "ioredis";
import { readWebEnv } from "../env.ts";
import { type Tenants, tenantsOf } from "./auth/tenant.ts";
import type { Deps } from "./deps.ts";
import { sealerWith } from "./seal.ts";
import { redisWakeups } from "./wakeups.ts";

const log = logger("console.web");
const DB_CONNECTIONS_MAX = 20;

/** The web process: what its transports (pages, tRPC, REST, sign-in) are built on. Features get `deps` and a scope. */
export interface Web {
  readonly deps: Deps;
  readonly db: Db;
  readonly redis: Redis;
  readonly tenants: Tenants;
  readonly authSecret: Secret<string>;
  /** X-Forwarded-Host is set by our own proxy */
  readonly trustsProxy: boolean;
  /** aborted when the process is told to stop: open streams end, so that it can */
  readonly stopping: AbortController;
}

declare global {
  // Next loads modules once per bundle: the one instance of a process hangs on its global object.
  var sluiceWeb: Web | undefined;
}

/** The one instance of this process; the first call reads the environment and throws when it is not complete. */
export function web(): Web {
  globalThis.sluiceWeb ??= startWeb();
  return globalThis.sluiceWeb;
}

function startWeb(): Web {
  const env = readWebEnv();
  configureLogs({ level: env.logLevel });
  const db = openDb(env.databaseUrl.reveal(), {
    connectionsMax: DB_CONNECTIONS_MAX,
    onConnectionError: (err) => log.warn({ err }, "db.connection_failed"),
  });
  const redis = new Redis(env.redisUrl.reveal(), { lazyConnect: true, maxRetriesPerRequest: 2, connectTimeout: 5_000 });
  redis.on(
    "error",
    sparingly<Error>(30_000, (err, leftOut) => log.warn({ err, leftOut }, "redis.connection_failed")),
  );
  const deps: Deps = {
    clock: systemClock,
    sealer: sealerWith(env.sealKey),
    wakeups: redisWakeups(redis),
    queues: openQueues(env.redisUrl.reveal()),
    publicUrl: env.publicUrl,
    outbound: env.outbound,
  };
  const tenants = tenantsOf(db, systemClock, env.publicUrl, env.defaultOrg);
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  log.info({ publicUrl: env.publicUrl.origin, defaultOrg: env.defaultOrg }, "web.started");
  return { deps, db, redis, tenants, authSecret: env.authSecret, trustsProxy: env.trustsProxy, stopping };
}
