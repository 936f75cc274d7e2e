import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { diffInputSchema, policyDiffSchema } from "../schemas.ts";

/** policies.diff: what changed between two versions. */
export async function diffPolicies(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof diffInputSchema>,
): Answer<z.infer<typeof policyDiffSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
