import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { enforcerDetailSchema, enforcerInputSchema } from "../schemas.ts";

/** enforcers.get: one enforcer with its bundles. */
export async function readEnforcer(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof enforcerInputSchema>,
): Answer<z.infer<typeof enforcerDetailSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
