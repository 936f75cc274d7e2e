import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { lockStateSchema, principalInputSchema } from "../schemas.ts";
import { setLock } from "./set-lock.ts";

/** Stops a person or agent everywhere. */
export async function lockPrincipal(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof principalInputSchema>,
): Answer<z.infer<typeof lockStateSchema>> {
  return setLock(deps, scope, input, true);
}
