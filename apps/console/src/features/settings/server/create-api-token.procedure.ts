import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { apiTokenSchema, createApiTokenInputSchema } from "../schemas.ts";
import { makeApiToken } from "./make-api-token.ts";

/** apiTokens.create: a bearer token for the REST API, shown once. */
export const createApiToken = can("tokens:own")
  .input(createApiTokenInputSchema)
  .output(apiTokenSchema)
  .mutation(({ ctx, input }) => answer(makeApiToken(ctx.deps, ctx.scope, input)));
