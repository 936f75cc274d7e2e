import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { publishedSchema, rollbackInputSchema } from "../schemas.ts";
import { rollBackPolicies } from "./roll-back-policies.ts";

/** policies.rollback: a new, higher version with the old content. */
export const rollback = can("policies:write")
  .input(rollbackInputSchema)
  .output(publishedSchema)
  .mutation(({ ctx, input }) => answer(rollBackPolicies(ctx.deps, ctx.scope, input)));
