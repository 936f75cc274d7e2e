import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { checkedSchema, checkInputSchema } from "../schemas.ts";
import { checkPolicyText } from "./check-policy-text.ts";

/** policies.check: the official engine's opinion of a text. */
export const check = can("policies:read")
  .input(checkInputSchema)
  .output(checkedSchema)
  .query(({ ctx, input }) => answer(checkPolicyText(ctx.deps, ctx.scope, input)));
