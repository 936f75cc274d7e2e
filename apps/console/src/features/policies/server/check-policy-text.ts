import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { checkedSchema, checkInputSchema } from "../schemas.ts";

/** policies.check: the official engine's opinion of a text. */
export async function checkPolicyText(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof checkInputSchema>,
): Answer<z.infer<typeof checkedSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
