import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { checkProgressSchema } from "../schemas.ts";
import { readCheckProgress } from "./check-progress.ts";

/** policies.progress: how far a long check or build is, for whoever waits for it. */
export const progress = can("policies:read")
  .output(checkProgressSchema)
  .query(({ ctx }) => answer(readCheckProgress(ctx.deps, ctx.scope)));
