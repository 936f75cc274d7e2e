import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { identityConnectionSchema, updateConnectionInputSchema } from "../schemas.ts";

/** identityConnection.update: where people sign in. */
export async function saveConnection(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof updateConnectionInputSchema>,
): Answer<z.infer<typeof identityConnectionSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
