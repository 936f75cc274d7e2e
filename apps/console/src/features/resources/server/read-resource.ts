import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { resourceDetailSchema, resourceInputSchema } from "../schemas.ts";

/** resources.get: one resource with its tree. */
export async function readResource(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof resourceInputSchema>,
): Answer<z.infer<typeof resourceDetailSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
