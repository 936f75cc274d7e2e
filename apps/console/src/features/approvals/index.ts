export { approvalsRouter } from "./server/router.ts";
