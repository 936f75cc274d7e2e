import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { runDetailSchema, runInputSchema } from "../schemas.ts";
import { readRun } from "./read-run.ts";

/** shadow.get: one run and what it found. Whose exchanges they were is told, so it takes the right to read records. */
export const get = can("records:read")
  .input(runInputSchema)
  .output(runDetailSchema)
  .query(({ ctx, input }) => answer(readRun(ctx.deps, ctx.scope, input)));
