import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { approvalListInputSchema, approvalPageSchema } from "../schemas.ts";

/** approvals.list: waiting, mine or decided. */
export async function listApprovals(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof approvalListInputSchema>,
): Answer<z.infer<typeof approvalPageSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
