import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { liveRecentInputSchema, liveRecentSchema } from "../schemas.ts";
import { readRecent } from "./read-recent.ts";

/** live.recent: what a page shows before it streams. */
export const recent = can("records:own")
  .input(liveRecentInputSchema)
  .output(liveRecentSchema)
  .query(({ ctx, input }) => answer(readRecent(ctx.deps, ctx.scope, input)));
