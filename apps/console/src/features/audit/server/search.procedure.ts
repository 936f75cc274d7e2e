import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { recordPageSchema, searchInputSchema } from "../schemas.ts";
import { searchRecords } from "./search-records.ts";

/** audit.search: one page of records, newest first. */
export const search = can("records:own")
  .input(searchInputSchema)
  .output(recordPageSchema)
  .query(({ ctx, input }) => answer(searchRecords(ctx.deps, ctx.scope, input)));
