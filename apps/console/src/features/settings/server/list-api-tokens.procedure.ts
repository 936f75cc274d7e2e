import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { apiTokenListSchema } from "../schemas.ts";
import { readApiTokens } from "./read-api-tokens.ts";

/** apiTokens.list: one's own, newest first. */
export const listApiTokens = can("tokens:own")
  .output(apiTokenListSchema)
  .query(({ ctx }) => answer(readApiTokens(ctx.deps, ctx.scope)));
