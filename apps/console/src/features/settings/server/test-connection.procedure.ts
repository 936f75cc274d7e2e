import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { connectionTestSchema, testConnectionInputSchema } from "../schemas.ts";
import { tryConnection } from "./try-connection.ts";

/** identityConnection.test: tries a provider before it is saved. */
export const testConnection = can("settings:write")
  .input(testConnectionInputSchema)
  .output(connectionTestSchema)
  .mutation(({ ctx, input }) => answer(tryConnection(ctx.deps, ctx.scope, input)));
