import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { whoCanInputSchema, whoCanSchema } from "../question-schemas.ts";
import { askWhoCan } from "./ask-who-can.ts";

/** policies.whoCan: everybody who would be allowed or asked. */
export const whoCan = can("policies:read")
  .input(whoCanInputSchema)
  .output(whoCanSchema)
  .query(({ ctx, input }) => answer(askWhoCan(ctx.deps, ctx.scope, input)));
