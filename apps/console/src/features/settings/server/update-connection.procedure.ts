import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { identityConnectionSchema, updateConnectionInputSchema } from "../schemas.ts";
import { saveConnection } from "./save-connection.ts";

/** identityConnection.update: where people sign in. */
export const updateConnection = can("settings:write")
  .input(updateConnectionInputSchema)
  .output(identityConnectionSchema)
  .mutation(({ ctx, input }) => answer(saveConnection(ctx.deps, ctx.scope, input)));
