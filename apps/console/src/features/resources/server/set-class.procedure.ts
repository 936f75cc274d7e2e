import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { columnClassesSchema, setClassInputSchema } from "../schemas.ts";
import { setColumnClasses } from "./set-column-classes.ts";

/** resources.setClass: what a column carries. */
export const setClass = can("resources:write")
  .input(setClassInputSchema)
  .output(columnClassesSchema)
  .mutation(({ ctx, input }) => answer(setColumnClasses(ctx.deps, ctx.scope, input)));
