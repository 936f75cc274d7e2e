import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { apiTokenInputSchema, apiTokenRevokedSchema } from "../schemas.ts";
import { endApiToken } from "./end-api-token.ts";

/** apiTokens.revoke: ends one of one's own tokens. */
export const revokeApiToken = can("tokens:own")
  .input(apiTokenInputSchema)
  .output(apiTokenRevokedSchema)
  .mutation(({ ctx, input }) => answer(endApiToken(ctx.deps, ctx.scope, input)));
