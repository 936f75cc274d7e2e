export {
  type IssuedToken,
  type IssueTokenError,
  issueAccessToken,
  TOKEN_S_DEFAULT,
  TOKEN_S_MAX,
  type TokenWish,
} from "./server/issue-access-token.ts";
export { type RevokeTokenError, revokeAccessToken } from "./server/revoke-access-token.ts";
