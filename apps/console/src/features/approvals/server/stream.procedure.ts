import { tracked } from "@trpc/server";
import { whileSignedIn } from "../../../server/live.ts";
import { can } from "../../../server/trpc.ts";
import { approvalStreamInputSchema } from "../schemas.ts";
import { followApprovals } from "./follow-approvals.ts";

/** approvals.stream: the inbox whenever it changes. */
export const stream = can("approvals:read")
  .input(approvalStreamInputSchema)
  .subscription(async function* ({ ctx, signal }) {
    const events = whileSignedIn(ctx.session, signal, (live) => followApprovals(ctx.deps, ctx.scope, live));
    for await (const { id, event } of events) yield tracked(id, event);
  });
