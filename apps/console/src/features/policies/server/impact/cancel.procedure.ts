import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { impactInputSchema, impactSchema } from "../../impact-schemas.ts";
import { cancelImpact } from "./read-impact.ts";

/** policies.impact.cancel: stops a replay. */
export const cancel = can("policies:write")
  .input(impactInputSchema)
  .output(impactSchema)
  .mutation(({ ctx, input }) => answer(cancelImpact(ctx.deps, ctx.scope, input)));
