export { workflowStepsSchema } from "./server/approval-rules.ts";
export { approvalsRouter } from "./server/router.ts";
export { countWaiting } from "./server/waiting.ts";
