import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { formatInputSchema, formattedSchema } from "../schemas.ts";
import { formatPolicyText } from "./format-policy-text.ts";

/** policies.format: Cedar's own layout. */
export const format = can("policies:read")
  .input(formatInputSchema)
  .output(formattedSchema)
  .query(({ ctx, input }) => answer(formatPolicyText(ctx.deps, ctx.scope, input)));
