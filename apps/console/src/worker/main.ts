import { readWorkerEnv } from "../env.ts";
import { openBackend } from "../server/open-backend.ts";
import { runProcess } from "../server/run-process.ts";
import { startWorker } from "./start-worker.ts";

await runProcess("worker", async () => {
  const env = readWorkerEnv();
  const backend = await openBackend(env, { connectionsMax: 8 });
  const worker = await startWorker(env.redisUrl.reveal(), backend.db, backend.deps);
  return async () => {
    await worker.close();
    await backend.close();
  };
});
