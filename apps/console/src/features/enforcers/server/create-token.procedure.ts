import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { createEnrolTokenInputSchema, enrolTokenSchema } from "../schemas.ts";
import { createEnforcer } from "./create-enforcer.ts";

/** enforcers.createToken: a one-time token for a new enforcer. */
export const createToken = can("enforcers:write")
  .input(createEnrolTokenInputSchema)
  .output(enrolTokenSchema)
  .mutation(({ ctx, input }) => answer(createEnforcer(ctx.deps, ctx.scope, input)));
