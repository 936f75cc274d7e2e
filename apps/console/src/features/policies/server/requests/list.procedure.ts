import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { publishRequestListSchema } from "../../request-schemas.ts";
import { listRequests } from "./read-requests.ts";

/** policies.requests.list: what waits for a second person. */
export const list = can("policies:read")
  .output(publishRequestListSchema)
  .query(({ ctx }) => answer(listRequests(ctx.deps, ctx.scope)));
