import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { runInputSchema, startedRunSchema } from "../schemas.ts";
import { stopRun } from "./stop-run.ts";

/** shadow.stop: ends a run before its time. */
export const stop = can("policies:write")
  .input(runInputSchema)
  .output(startedRunSchema)
  .mutation(({ ctx, input }) => answer(stopRun(ctx.deps, ctx.scope, input)));
