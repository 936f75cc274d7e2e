export { me } from "./server/me.procedure.ts";
export { identitiesRouter } from "./server/router.ts";
