import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { whoCanInputSchema, whoCanSchema } from "../schemas.ts";

/** policies.whoCan: everybody who would be allowed or asked. */
export async function askWhoCan(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof whoCanInputSchema>,
): Answer<z.infer<typeof whoCanSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
