import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { startedRunSchema, startRunInputSchema } from "../schemas.ts";
import { startRun } from "./start-run.ts";

/** shadow.start: runs a candidate on live traffic without enforcing it. */
export const start = can("policies:write")
  .input(startRunInputSchema)
  .output(startedRunSchema)
  .mutation(({ ctx, input }) => answer(startRun(ctx.deps, ctx.scope, input)));
