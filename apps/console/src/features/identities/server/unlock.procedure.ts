import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { lockStateSchema, principalInputSchema } from "../schemas.ts";
import { unlockPrincipal } from "./unlock-principal.ts";

/** identities.unlock: lets them work again. */
export const unlock = can("identities:write")
  .input(principalInputSchema)
  .output(lockStateSchema)
  .mutation(({ ctx, input }) => answer(unlockPrincipal(ctx.deps, ctx.scope, input)));
