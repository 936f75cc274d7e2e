import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { impactInputSchema, impactSchema } from "../../impact-schemas.ts";
import { readImpact } from "./read-impact.ts";

/** policies.impact.get: one replay, as far as it is. */
export const get = can("policies:read")
  .input(impactInputSchema)
  .output(impactSchema)
  .query(({ ctx, input }) => answer(readImpact(ctx.deps, ctx.scope, input)));
