import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { formatInputSchema, formattedSchema } from "../schemas.ts";

/** policies.format: Cedar's own layout. */
export async function formatPolicyText(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof formatInputSchema>,
): Answer<z.infer<typeof formattedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
