export { type CheckedPolicy, checkPolicies, type PolicyCheck, type PolicyTexts, policySets } from "./check-policies.ts";
export { type BundledPolicies, type BundledPolicySet, compilePolicies } from "./compile-policies.ts";
export type { DiagnosticCode, Finding, PolicyDiagnostic } from "./diagnostic.ts";
export { diffPolicies, type PolicyChange } from "./diff-policies.ts";
export { formatPolicies } from "./format-policies.ts";
export type { Place } from "./positions.ts";
export { type PolicyTestOutcome, type PolicyTestRun, runPolicyTests } from "./run-policy-tests.ts";
export { type PolicyPiece, splitPolicies } from "./split-policies.ts";
export { type PolicySuite, type PolicyTestCase, policySuiteSchema } from "./test-format.ts";
