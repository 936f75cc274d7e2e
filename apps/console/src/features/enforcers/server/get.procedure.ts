import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { enforcerDetailSchema, enforcerInputSchema } from "../schemas.ts";
import { readEnforcer } from "./read-enforcer.ts";

/** enforcers.get: one enforcer with its bundles. */
export const get = can("enforcers:read")
  .input(enforcerInputSchema)
  .output(enforcerDetailSchema)
  .query(({ ctx, input }) => answer(readEnforcer(ctx.deps, ctx.scope, input)));
