export { addressOf, readResource } from "./address.ts";
export { connectionUrl, psqlLine } from "./connection-url.ts";
export { listResources } from "./server/list-resources.ts";
export { readResource as showResource } from "./server/read-resource.ts";
export { resourcesRouter } from "./server/router.ts";
export { saveUpstream } from "./server/save-upstream.ts";
