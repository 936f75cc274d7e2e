import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { decideRequestInputSchema, publishRequestSchema } from "../../request-schemas.ts";
import { decideRequest } from "./decide-request.ts";

/** policies.requests.decide: a second person's yes or no. */
export const decide = can("policies:approve")
  .input(decideRequestInputSchema)
  .output(publishRequestSchema)
  .mutation(({ ctx, input }) => answer(decideRequest(ctx.deps, ctx.scope, input)));
