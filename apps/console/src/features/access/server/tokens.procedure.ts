import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { accessTokenListSchema } from "../schemas.ts";
import { listOwnAccessTokens } from "./list-own-access-tokens.ts";

/** access.tokens: own tokens that still work. */
export const tokens = can("access:connect")
  .output(accessTokenListSchema)
  .query(({ ctx }) => answer(listOwnAccessTokens(ctx.deps, ctx.scope)));
