import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, publishInputSchema } from "../schemas.ts";

/** policies.publish: a new version and bundles from it. */
export async function publishPolicies(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof publishInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
