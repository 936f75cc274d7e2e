export { issueConnection } from "./server/issue-connection.ts";
export { listOwnAccessTokens } from "./server/list-own-access-tokens.ts";
export { revokeOwnAccessToken } from "./server/revoke-own-access-token.ts";
export { accessRouter } from "./server/router.ts";
