export { issueAccessToken } from "./server/issue-access-token.ts";
export { revokeAccessToken } from "./server/revoke-access-token.ts";
