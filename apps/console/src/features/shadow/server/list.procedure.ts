import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { runListSchema } from "../schemas.ts";
import { listRuns } from "./list-runs.ts";

/** shadow.list: the newest runs. */
export const list = can("records:read")
  .output(runListSchema)
  .query(({ ctx }) => answer(listRuns(ctx.deps, ctx.scope)));
