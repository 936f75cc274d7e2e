export { enforcerProblem } from "./enforcer-problem.ts";
export { enforcersRouter } from "./server/router.ts";
