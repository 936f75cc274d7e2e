import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { lockStateSchema, principalInputSchema } from "../schemas.ts";
import { lockPrincipal } from "./lock-principal.ts";

/** identities.lock: stops a person or agent everywhere at once. */
export const lock = can("identities:write")
  .input(principalInputSchema)
  .output(lockStateSchema)
  .mutation(({ ctx, input }) => answer(lockPrincipal(ctx.deps, ctx.scope, input)));
