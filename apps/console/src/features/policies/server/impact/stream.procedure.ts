import { tracked } from "@trpc/server";
import { whileSignedIn } from "../../../../server/live.ts";
import { can } from "../../../../server/trpc.ts";
import { impactStreamInputSchema } from "../../impact-schemas.ts";
import { followImpact } from "./follow-impact.ts";

/** policies.impact.stream: one replay at each step, until it has ended. */
export const stream = can("policies:read")
  .input(impactStreamInputSchema)
  .subscription(async function* ({ ctx, input, signal }) {
    const events = whileSignedIn(ctx.session, signal, (live) => followImpact(ctx.deps, ctx.scope, input.id, live));
    for await (const { id, event } of events) yield tracked(id, event);
  });
