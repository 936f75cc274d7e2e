import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { facetsSchema } from "../schemas.ts";
import { readFacets } from "./read-facets.ts";

/** audit.facets: what the filter boxes can offer. */
export const facets = can("records:own")
  .output(facetsSchema)
  .query(({ ctx }) => answer(readFacets(ctx.deps, ctx.scope)));
