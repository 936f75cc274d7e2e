export { type BundleCause, buildBundles, LEASE_MS } from "./server/build-bundle.ts";
export { type ChangeNotes, changeOrg, wakeOrg } from "./server/change-org.ts";
