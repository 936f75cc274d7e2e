import { tracked } from "@trpc/server";
import { whileSignedIn } from "../../../server/live.ts";
import { can } from "../../../server/trpc.ts";
import { liveInputSchema } from "../schemas.ts";
import { followRecords } from "./follow-records.ts";

/** live.stream: decisions as they happen; a reconnecting client goes on from its `lastEventId`. */
export const stream = can("records:own")
  .input(liveInputSchema)
  .subscription(async function* ({ ctx, input, signal }) {
    const events = whileSignedIn(ctx.session, signal, (live) => followRecords(ctx.deps, ctx.scope, input, live));
    for await (const { id, event } of events) yield tracked(id, event);
  });
