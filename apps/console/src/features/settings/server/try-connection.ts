import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { connectionTestSchema, testConnectionInputSchema } from "../schemas.ts";

/** identityConnection.test: tries a provider before it is saved. */
export async function tryConnection(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof testConnectionInputSchema>,
): Answer<z.infer<typeof connectionTestSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
