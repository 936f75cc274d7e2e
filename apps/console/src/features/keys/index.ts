export {
  type EnforcerName,
  type IssuedCertificate,
  type IssueError,
  issueCertificate,
  parseEnforcerUri,
  requestKey,
} from "./server/certificate-authority.ts";
export { createOrgKeys, readOrgKey, readPrivateKey } from "./server/org-keys.ts";
