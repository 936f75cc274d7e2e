import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { recordDetailSchema, recordInputSchema } from "../schemas.ts";
import { readRecord } from "./read-record.ts";

/** audit.record: one record with what explains it. */
export const record = can("records:own")
  .input(recordInputSchema)
  .output(recordDetailSchema)
  .query(({ ctx, input }) => answer(readRecord(ctx.deps, ctx.scope, input)));
