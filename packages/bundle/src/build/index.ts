export {
  type BuiltPolicies,
  buildPolicies,
  buildPoliciesInSlices,
  type OnProgress,
  preparePolicies,
} from "./build-policies.ts";
export { candidateDigest } from "./candidate-digest.ts";
export { type CheckedPolicy, checkPolicies, type PolicyCheck, type PolicyTexts, policySets } from "./check-policies.ts";
export { type BundledPolicies, type BundledPolicySet, compilePolicies } from "./compile-policies.ts";
export type { DiagnosticCode, Finding, PolicyDiagnostic } from "./diagnostic.ts";
export { diffPolicies, type PolicyChange } from "./diff-policies.ts";
export { ENTITIES_FILE } from "./file-names.ts";
export { formatPolicies, formatPolicyFile } from "./format-policies.ts";
export type { PlacedProblem } from "./placed-problem.ts";
export { digestOfFiles, type PolicyFiles, writePolicyFiles } from "./policy-files.ts";
export { noTests, type PolicyTests, policyTestsSchema, suitesOf } from "./policy-tests.ts";
export type { Place } from "./positions.ts";
export { isPolicyPath, type ReadPolicyFiles, readPolicyFiles } from "./read-policy-files.ts";
export { type NamedSuite, type PolicyTestOutcome, type PolicyTestRun, runPolicyTests } from "./run-policy-tests.ts";
export { type PolicyPiece, splitPolicies } from "./split-policies.ts";
export { isTestPath, placeOfCase, readTestFiles, suiteFile, writeTestFiles } from "./test-files.ts";
export { type PolicySuite, type PolicyTestCase, policySuiteSchema } from "./test-format.ts";
