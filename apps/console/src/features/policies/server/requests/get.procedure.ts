import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { publishRequestDetailSchema, requestInputSchema } from "../../request-schemas.ts";
import { showRequest } from "./read-requests.ts";

/** policies.requests.get: one request with its change and its effect. */
export const get = can("policies:read")
  .input(requestInputSchema)
  .output(publishRequestDetailSchema)
  .query(({ ctx, input }) => answer(showRequest(ctx.deps, ctx.scope, input)));
