import { pageInputSchema } from "../../../server/paging.ts";
import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { policyVersionPageSchema } from "../schemas.ts";
import { listPolicyVersions } from "./list-policy-versions.ts";

/** policies.versions: the history, newest first. */
export const versions = can("policies:read")
  .input(pageInputSchema)
  .output(policyVersionPageSchema)
  .query(({ ctx, input }) => answer(listPolicyVersions(ctx.deps, ctx.scope, input)));
