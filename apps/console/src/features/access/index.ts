export { accessRouter } from "./server/router.ts";
