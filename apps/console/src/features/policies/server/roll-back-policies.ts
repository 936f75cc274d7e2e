import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, rollbackInputSchema } from "../schemas.ts";

/** policies.rollback: a new, higher version with the old content. */
export async function rollBackPolicies(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof rollbackInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
