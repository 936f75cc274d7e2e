import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { settingsSchema } from "../schemas.ts";
import { readSettings } from "./read-settings.ts";

/** settings.get: what the org has set. */
export const get = can("settings:read")
  .output(settingsSchema)
  .query(({ ctx }) => answer(readSettings(ctx.deps, ctx.scope)));
