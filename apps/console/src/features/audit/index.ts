export { auditRouter } from "./server/router.ts";
