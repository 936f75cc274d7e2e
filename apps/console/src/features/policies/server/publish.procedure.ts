import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { publishedSchema, publishInputSchema } from "../schemas.ts";
import { publishPolicies } from "./publish-policies.ts";

/** policies.publish: a new version and bundles from it. */
export const publish = can("policies:write")
  .input(publishInputSchema)
  .output(publishedSchema)
  .mutation(({ ctx, input }) => answer(publishPolicies(ctx.deps, ctx.scope, input)));
