import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { exportedSchema, exportInputSchema } from "../draft-schemas.ts";
import { exportPolicies } from "./drafts/export-policies.ts";

/** policies.export: a version as a folder that belongs in git. */
export const exportFolder = can("policies:read")
  .input(exportInputSchema)
  .output(exportedSchema)
  .query(({ ctx, input }) => answer(exportPolicies(ctx.deps, ctx.scope, input)));
