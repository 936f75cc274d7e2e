import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { approvalDetailSchema, approvalInputSchema } from "../schemas.ts";

/** approvals.get: all that an approver needs to see. */
export async function getApproval(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof approvalInputSchema>,
): Answer<z.infer<typeof approvalDetailSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
