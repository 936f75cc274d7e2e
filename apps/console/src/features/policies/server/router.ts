import { router } from "../../../server/trpc.ts";
import { check } from "./check.procedure.ts";
import { current } from "./current.procedure.ts";
import { diff } from "./diff.procedure.ts";
import { draftsRouter } from "./drafts/router.ts";
import { explain } from "./explain.procedure.ts";
import { exportFolder } from "./export.procedure.ts";
import { format } from "./format.procedure.ts";
import { impactRouter } from "./impact/router.ts";
import { progress } from "./progress.procedure.ts";
import { publish } from "./publish.procedure.ts";
import { requestsRouter } from "./requests/router.ts";
import { rollback } from "./rollback.procedure.ts";
import { ruleRouter } from "./rule/router.ts";
import { test } from "./test.procedure.ts";
import { version } from "./version.procedure.ts";
import { versions } from "./versions.procedure.ts";
import { vocabulary } from "./vocabulary.procedure.ts";
import { whoCan } from "./who-can.procedure.ts";

/** The policies feature's procedures. */
export const policiesRouter = router({
  check,
  current,
  diff,
  drafts: draftsRouter,
  explain,
  export: exportFolder,
  format,
  impact: impactRouter,
  progress,
  publish,
  requests: requestsRouter,
  rollback,
  rule: ruleRouter,
  test,
  version,
  versions,
  vocabulary,
  whoCan,
});
