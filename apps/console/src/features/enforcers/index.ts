export { enforcersRouter } from "./server/router.ts";
