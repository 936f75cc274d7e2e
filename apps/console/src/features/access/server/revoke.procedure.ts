import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { accessTokenInputSchema, revokedSchema } from "../schemas.ts";
import { revokeOwnAccessToken } from "./revoke-own-access-token.ts";

/** access.revoke: ends one of one's own tokens. */
export const revoke = can("access:connect")
  .input(accessTokenInputSchema)
  .output(revokedSchema)
  .mutation(({ ctx, input }) => answer(revokeOwnAccessToken(ctx.deps, ctx.scope, input)));
