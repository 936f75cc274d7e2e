export { workflowStepsSchema } from "./server/approval-rules.ts";
export { getApproval } from "./server/get-approval.ts";
export { listApprovals } from "./server/list-approvals.ts";
export { approvalsRouter } from "./server/router.ts";
export { submitDecision } from "./server/submit-decision.ts";
export { countWaiting } from "./server/waiting.ts";
