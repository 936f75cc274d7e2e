import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { policyVersionSchema, versionInputSchema } from "../schemas.ts";
import { readPolicyVersion } from "./read-policy-version.ts";

/** policies.version: one published state. */
export const version = can("policies:read")
  .input(versionInputSchema)
  .output(policyVersionSchema)
  .query(({ ctx, input }) => answer(readPolicyVersion(ctx.deps, ctx.scope, input)));
