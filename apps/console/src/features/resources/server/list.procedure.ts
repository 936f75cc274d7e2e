import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { resourceListSchema } from "../schemas.ts";
import { listResources } from "./list-resources.ts";

/** resources.list: all resources. */
export const list = can("resources:read")
  .output(resourceListSchema)
  .query(({ ctx }) => answer(listResources(ctx.deps, ctx.scope)));
