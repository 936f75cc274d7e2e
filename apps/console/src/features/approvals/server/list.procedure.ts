import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { approvalListInputSchema, approvalPageSchema } from "../schemas.ts";
import { listApprovals } from "./list-approvals.ts";

/** approvals.list: waiting, mine or decided. */
export const list = can("approvals:read")
  .input(approvalListInputSchema)
  .output(approvalPageSchema)
  .query(({ ctx, input }) => answer(listApprovals(ctx.deps, ctx.scope, input)));
