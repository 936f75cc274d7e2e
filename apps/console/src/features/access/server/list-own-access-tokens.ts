import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { accessTokenListSchema } from "../schemas.ts";

/** access.tokens: own tokens that still work. */
export async function listOwnAccessTokens(
  _deps: Deps,
  _scope: OrgScope,
): Answer<z.infer<typeof accessTokenListSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
