import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { dataClassSchema, saveDataClassInputSchema } from "../schemas.ts";
import { storeDataClass } from "./store-data-class.ts";

/** resources.saveDataClass: makes a class or changes how it is hidden. */
export const saveDataClass = can("resources:write")
  .input(saveDataClassInputSchema)
  .output(dataClassSchema)
  .mutation(({ ctx, input }) => answer(storeDataClass(ctx.deps, ctx.scope, input)));
