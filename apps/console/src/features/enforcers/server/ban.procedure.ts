import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { banInputSchema, bannedSchema } from "../schemas.ts";
import { banOwnEnforcer } from "./ban-own-enforcer.ts";

/** enforcers.ban: closes its stream and wipes its cache. */
export const ban = can("enforcers:write")
  .input(banInputSchema)
  .output(bannedSchema)
  .mutation(({ ctx, input }) => answer(banOwnEnforcer(ctx.deps, ctx.scope, input)));
