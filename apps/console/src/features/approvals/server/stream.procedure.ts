import { tracked } from "@trpc/server";
import { can } from "../../../server/trpc.ts";
import { approvalStreamInputSchema } from "../schemas.ts";
import { followApprovals } from "./follow-approvals.ts";

/** approvals.stream: the inbox whenever it changes. */
export const stream = can("approvals:read")
  .input(approvalStreamInputSchema)
  .subscription(async function* ({ ctx, signal }) {
    for await (const { id, event } of followApprovals(ctx.deps, ctx.scope, signal)) yield tracked(id, event);
  });
