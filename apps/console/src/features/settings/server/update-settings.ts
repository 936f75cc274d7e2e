import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { orgNameSchema, updateSettingsInputSchema } from "../schemas.ts";

/** settings.update: the org's name. */
export async function updateSettings(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof updateSettingsInputSchema>,
): Answer<z.infer<typeof orgNameSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
