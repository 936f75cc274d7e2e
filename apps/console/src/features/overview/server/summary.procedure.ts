import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { overviewSchema } from "../schemas.ts";
import { summarizeOverview } from "./summarize-overview.ts";

/** overview.summary: what the first page answers. */
export const summary = can("overview:read")
  .output(overviewSchema)
  .query(({ ctx }) => answer(summarizeOverview(ctx.deps, ctx.scope)));
