import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { policyVersionSchema } from "../schemas.ts";
import { readCurrentPolicies } from "./read-current-policies.ts";

/** policies.current: the newest published state. */
export const current = can("policies:read")
  .output(policyVersionSchema)
  .query(({ ctx }) => answer(readCurrentPolicies(ctx.deps, ctx.scope)));
