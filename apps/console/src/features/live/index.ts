export { liveRouter } from "./server/router.ts";
