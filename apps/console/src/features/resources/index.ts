export { addressOf, readResource } from "./address.ts";
export { type ConnectionParts, connectionUrl, psqlLine } from "./connection-url.ts";
export { resourcesRouter } from "./server/router.ts";
