import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { impactSchema, startImpactInputSchema } from "../../impact-schemas.ts";
import { startImpact } from "./start-impact.ts";

/** policies.impact.start: replays recorded decisions through a candidate. */
export const start = can("policies:write")
  .input(startImpactInputSchema)
  .output(impactSchema)
  .mutation(({ ctx, input }) => answer(startImpact(ctx.deps, ctx.scope, input)));
