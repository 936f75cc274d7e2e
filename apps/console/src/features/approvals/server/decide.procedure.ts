import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { approvalDetailSchema, decideInputSchema } from "../schemas.ts";
import { submitDecision } from "./submit-decision.ts";

/** approvals.decide: yes or no to exactly what was shown. */
export const decide = can("approvals:decide")
  .input(decideInputSchema)
  .output(approvalDetailSchema)
  .mutation(({ ctx, input }) => answer(submitDecision(ctx.deps, ctx.scope, input)));
