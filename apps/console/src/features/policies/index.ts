export { checkPolicyText } from "./server/check-policy-text.ts";
export { listPolicyVersions } from "./server/list-policy-versions.ts";
export { publishPolicies } from "./server/publish-policies.ts";
export { readCurrentPolicies } from "./server/read-current-policies.ts";
export { readPolicyVersion } from "./server/read-policy-version.ts";
export { rollBackPolicies } from "./server/roll-back-policies.ts";
export { policiesRouter } from "./server/router.ts";
