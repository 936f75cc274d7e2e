import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { lockStateSchema, principalInputSchema } from "../schemas.ts";

/** identities.unlock: lets them work again. */
export async function unlockPrincipal(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof principalInputSchema>,
): Answer<z.infer<typeof lockStateSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
