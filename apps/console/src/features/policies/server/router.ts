import { router } from "../../../server/trpc.ts";
import { check } from "./check.procedure.ts";
import { current } from "./current.procedure.ts";
import { diff } from "./diff.procedure.ts";
import { explain } from "./explain.procedure.ts";
import { format } from "./format.procedure.ts";
import { publish } from "./publish.procedure.ts";
import { rollback } from "./rollback.procedure.ts";
import { version } from "./version.procedure.ts";
import { versions } from "./versions.procedure.ts";
import { vocabulary } from "./vocabulary.procedure.ts";
import { whoCan } from "./who-can.procedure.ts";

/** The policies feature's procedures. */
export const policiesRouter = router({
  check,
  current,
  diff,
  explain,
  format,
  publish,
  rollback,
  version,
  versions,
  vocabulary,
  whoCan,
});
