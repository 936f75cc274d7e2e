import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { pageInputSchema } from "../../../server/paging.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { policyVersionPageSchema } from "../schemas.ts";

/** policies.versions: the history, newest first. */
export async function listPolicyVersions(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof pageInputSchema>,
): Answer<z.infer<typeof policyVersionPageSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
