import { can } from "../../../../server/trpc.ts";
import { answer } from "../../../../server/trpc-errors.ts";
import { openRequestInputSchema, publishRequestSchema } from "../../request-schemas.ts";
import { openRequest } from "./open-request.ts";

/** policies.requests.open: asks for a second person. */
export const open = can("policies:write")
  .input(openRequestInputSchema)
  .output(publishRequestSchema)
  .mutation(({ ctx, input }) => answer(openRequest(ctx.deps, ctx.scope, input)));
