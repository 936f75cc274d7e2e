import { text } from "node:stream/consumers";
import { openDb } from "@sluice/db";
import { openQueues } from "@sluice/jobs";
import { systemClock } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { Redis } from "ioredis";
import { readProvisionEnv } from "../env.ts";
import { sealerWith } from "../server/seal.ts";
import { redisWakeups } from "../server/wakeups.ts";
import { provisionRequestSchema } from "./contract.ts";
import { provision } from "./provision.ts";

// Standard output carries the answer, so the log goes to standard error.
const env = readProvisionEnv();
configureLogs({ level: env.logLevel, destination: process.stderr });
const owner = openDb(env.databaseOwnerUrl.reveal(), { connectionsMax: 2 });
const app = openDb(env.databaseUrl.reveal(), { connectionsMax: 4 });
const redis = new Redis(env.redisUrl.reveal(), { maxRetriesPerRequest: 1 });
redis.on("error", () => undefined); // a wake-up that cannot be sent is logged by whoever sends it
const wakeups = redisWakeups(redis);
const queues = openQueues(env.redisUrl.reveal());
try {
  const request = provisionRequestSchema.parse(JSON.parse(await text(process.stdin)));
  const deps = {
    clock: systemClock,
    sealer: sealerWith(env.sealKey),
    wakeups,
    queues,
    publicUrl: env.publicUrl,
    outbound: env.outbound,
  };
  const answer = await provision({ owner, app }, deps, request);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
} finally {
  await wakeups.close();
  await queues.close();
  redis.disconnect();
  await Promise.all([owner.close(), app.close()]);
}
