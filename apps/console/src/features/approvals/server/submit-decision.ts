import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { ApprovalDetail, decideInputSchema } from "../schemas.ts";
import { decideApproval } from "./decide-approval.ts";
import { getApproval } from "./get-approval.ts";

/** Decides exactly what was shown, then answers how the approval stands. One that the member may not see does not exist. */
export async function submitDecision(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof decideInputSchema>,
): Answer<ApprovalDetail> {
  const { id, approved, digest, reason } = input;
  const visible = await getApproval(deps, scope, { id });
  if (!visible.ok) return visible;
  const decided = await decideApproval(deps, scope.data, scope.actor, { approvalId: id, digest, approved, reason });
  return decided.ok ? getApproval(deps, scope, { id }) : decided;
}
