import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { resourceDetailSchema, resourceInputSchema } from "../schemas.ts";
import { readResource } from "./read-resource.ts";

/** resources.get: one resource with its tree. */
export const get = can("resources:read")
  .input(resourceInputSchema)
  .output(resourceDetailSchema)
  .query(({ ctx, input }) => answer(readResource(ctx.deps, ctx.scope, input)));
