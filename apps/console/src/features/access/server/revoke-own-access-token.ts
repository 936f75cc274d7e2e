import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { accessTokenInputSchema, revokedSchema } from "../schemas.ts";

/** access.revoke: ends one of one's own tokens. */
export async function revokeOwnAccessToken(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof accessTokenInputSchema>,
): Answer<z.infer<typeof revokedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
