export { policiesRouter } from "./server/router.ts";
