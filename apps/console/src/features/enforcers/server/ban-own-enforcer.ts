import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { banInputSchema, bannedSchema } from "../schemas.ts";

/** enforcers.ban: closes its stream and wipes its cache. */
export async function banOwnEnforcer(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof banInputSchema>,
): Answer<z.infer<typeof bannedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
