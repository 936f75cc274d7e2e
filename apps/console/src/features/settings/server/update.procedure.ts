import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { orgNameSchema, updateSettingsInputSchema } from "../schemas.ts";
import { updateSettings } from "./update-settings.ts";

/** settings.update: the org's name. */
export const update = can("settings:write")
  .input(updateSettingsInputSchema)
  .output(orgNameSchema)
  .mutation(({ ctx, input }) => answer(updateSettings(ctx.deps, ctx.scope, input)));
