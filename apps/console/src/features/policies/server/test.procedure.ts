import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { testedSchema, testInputSchema } from "../draft-schemas.ts";
import { testPolicies } from "./tests/test-policies.ts";

/** policies.test: how the stored tests go with a text. */
export const test = can("policies:read")
  .input(testInputSchema)
  .output(testedSchema)
  .query(({ ctx, input }) => answer(testPolicies(ctx.deps, ctx.scope, input)));
