import { readFile } from "node:fs/promises";
import { openQueues } from "@sluice/jobs";
import { readControlEnv } from "../../env.ts";
import { tenantOrigin } from "../auth/tenant.ts";
import { closeOnSignal, openBackend } from "../open-backend.ts";
import { startControl } from "./start-control.ts";

const env = readControlEnv();
const [certPem, keyPem] = await Promise.all([readFile(env.certFile), readFile(env.keyFile)]);
const backend = await openBackend(env, { connectionsMax: 12 });
const { db, deps } = backend;
const queues = openQueues(env.redisUrl.reveal());
const control = await startControl({
  db,
  deps,
  queues,
  certPem,
  keyPem,
  ...env.listen,
  consoleOrigin: async (orgId) => {
    const { slug } = await db.withOrg(orgId, (tx) => tx.org.findUniqueOrThrow({ where: { id: orgId } }));
    return tenantOrigin(env.publicUrl, env.defaultOrg, slug);
  },
});
closeOnSignal(async () => {
  await control.close();
  await queues.close();
  await backend.close();
});
