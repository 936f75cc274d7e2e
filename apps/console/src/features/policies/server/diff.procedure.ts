import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { diffInputSchema, policyDiffSchema } from "../schemas.ts";
import { diffPolicies } from "./diff-policies.ts";

/** policies.diff: what changed between two versions. */
export const diff = can("policies:read")
  .input(diffInputSchema)
  .output(policyDiffSchema)
  .query(({ ctx, input }) => answer(diffPolicies(ctx.deps, ctx.scope, input)));
