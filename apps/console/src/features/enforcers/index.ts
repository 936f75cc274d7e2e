export { enforcerProblem } from "./enforcer-problem.ts";
export { listEnforcers } from "./server/list-enforcers.ts";
export { readEnforcer } from "./server/read-enforcer.ts";
export { enforcersRouter } from "./server/router.ts";
