import { logger } from "@sluice/telemetry";
import { readWorkerEnv } from "../env.ts";
import { closeOnSignal, openBackend } from "../server/open-backend.ts";
import { startWorker } from "./start-worker.ts";

const env = readWorkerEnv();
const backend = await openBackend(env, { connectionsMax: 8 });
const worker = await startWorker(env.redisUrl.reveal(), backend.db, backend.deps);
closeOnSignal(async () => {
  await worker.close();
  await backend.close();
});
logger("worker").info({}, "worker.started");
