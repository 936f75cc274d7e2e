export { buildBundles, LEASE_MS } from "./server/build-bundle.ts";
export { buildShadowParts } from "./server/build-shadow.ts";
export { type ChangeNotes, changeOrg } from "./server/change-org.ts";
export { gatherEntities } from "./server/gather-entities.ts";
