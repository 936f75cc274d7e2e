import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { enforcerListSchema } from "../schemas.ts";
import { listEnforcers } from "./list-enforcers.ts";

/** enforcers.list: applied against desired for each. */
export const list = can("enforcers:read")
  .output(enforcerListSchema)
  .query(({ ctx }) => answer(listEnforcers(ctx.deps, ctx.scope)));
