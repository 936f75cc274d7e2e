import { readFile } from "node:fs/promises";
import { openQueues } from "@sluice/jobs";
import { readControlEnv } from "../../env.ts";
import { tenantOrigin } from "../auth/tenant.ts";
import { openBackend } from "../open-backend.ts";
import { runProcess } from "../run-process.ts";
import { startControl } from "./start-control.ts";

await runProcess("control", async () => {
  const env = readControlEnv();
  const [certPem, keyPem] = await Promise.all([readFile(env.certFile), readFile(env.keyFile)]);
  const backend = await openBackend(env, { connectionsMax: 12 });
  const { db, deps } = backend;
  const queues = openQueues(env.redisUrl.reveal());
  const consoleOrigin = async (orgId: string) => {
    const { slug } = await db.withOrg(orgId, (tx) => tx.org.findUniqueOrThrow({ where: { id: orgId } }));
    return tenantOrigin(env.publicUrl, env.defaultOrg, slug);
  };
  const control = await startControl({ db, deps, queues, certPem, keyPem, ...env.listen, consoleOrigin });
  return async () => {
    await control.close();
    await queues.close();
    await backend.close();
  };
});
