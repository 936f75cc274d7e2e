export { overviewRouter } from "./server/router.ts";
