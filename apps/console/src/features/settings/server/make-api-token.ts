import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { apiTokenSchema, createApiTokenInputSchema } from "../schemas.ts";

/** apiTokens.create: a bearer token for the REST API, shown once. */
export async function makeApiToken(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof createApiTokenInputSchema>,
): Answer<z.infer<typeof apiTokenSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
