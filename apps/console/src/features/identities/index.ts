export { listIdentities } from "./server/list-identities.ts";
export { me } from "./server/me.procedure.ts";
export { readMe } from "./server/read-me.ts";
export { identitiesRouter } from "./server/router.ts";
