import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { approvalDetailSchema, approvalInputSchema } from "../schemas.ts";
import { getApproval } from "./get-approval.ts";

/** approvals.get: all that an approver needs to see. */
export const get = can("approvals:read")
  .input(approvalInputSchema)
  .output(approvalDetailSchema)
  .query(({ ctx, input }) => answer(getApproval(ctx.deps, ctx.scope, input)));
