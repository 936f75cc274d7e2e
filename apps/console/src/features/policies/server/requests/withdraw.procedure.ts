import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { publishRequestSchema, requestInputSchema } from "../../request-schemas.ts";
import { withdrawRequest } from "./decide-request.ts";

/** policies.requests.withdraw: takes one's own request back. */
export const withdraw = can("policies:write")
  .input(requestInputSchema)
  .output(publishRequestSchema)
  .mutation(({ ctx, input }) => answer(withdrawRequest(ctx.deps, ctx.scope, input)));
