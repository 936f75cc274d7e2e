import type { Db } from "@sluice/db";
import { handleJob, type JobHandler } from "@sluice/jobs";
import { logger } from "@sluice/telemetry";
import type { Deps } from "../../../server/deps.ts";
import { eachOrg } from "../../../server/each-org.ts";
import { dataOf } from "../../../server/scope.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { buildBundles } from "../server/build-bundle.ts";
import { prepareBuild } from "../server/policy-compiler.ts";
import { renewBundlesJob } from "./renew.job.ts";

const log = logger("worker.bundles");

/** Renews bundles in every org; where nothing is due it stores nothing. */
export function renewBundlesHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(renewBundlesJob, () =>
    eachOrg(db, async (orgId) => {
      await prepareBuild(dataOf(db, orgId));
      const stored = await db.withOrg(orgId, (tx) => buildBundles(tx, deps, orgId, "renewal"));
      for (const { siteId, version } of stored) log.info({ orgId, siteId, version }, "bundle.renewed");
      if (stored.length > 0) await wakeOrg(deps, orgId);
    }),
  );
}
