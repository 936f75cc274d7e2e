import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { connectInputSchema, connectionSchema } from "../schemas.ts";
import { issueConnection } from "./issue-connection.ts";

/** access.connect: a token for oneself or one's agent, with a ready-made URL. */
export const connect = can("access:connect")
  .input(connectInputSchema)
  .output(connectionSchema)
  .mutation(({ ctx, input }) => answer(issueConnection(ctx.deps, ctx.scope, input)));
