export { resourcesRouter } from "./server/router.ts";
