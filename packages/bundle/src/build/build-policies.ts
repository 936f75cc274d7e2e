import { err, ok, type Result } from "@sluice/kernel";
import type { SelfCheck } from "../self-check.ts";
import type { PolicyTexts } from "./check-policies.ts";
import { type BundledPolicies, compileAndLoad, engineRefusal } from "./compile-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { noTests, type PolicyTests } from "./policy-tests.ts";
import { selfCheck } from "./self-check/self-check.ts";

/** What a bundle carries of an org's policies. */
export interface BuiltPolicies {
  readonly policies: BundledPolicies;
  readonly selfCheck: SelfCheck;
}

/**
 * Compiles the texts for a bundle and checks what came of it: the official engine and ours are asked the same about every policy
 * and about the whole set. Refuses with every diagnostic when a text has an error, and when the two engines differ. Only what
 * changed since an earlier call is parsed, validated and asked again.
 */
export function buildPolicies(
  texts: PolicyTexts,
  tests: PolicyTests = noTests,
): Result<BuiltPolicies, readonly PolicyDiagnostic[]> {
  const loaded = compileAndLoad(texts);
  if (!loaded.ok) return loaded;
  const { compiled, policies, engine } = loaded.value;
  const checked = selfCheck(policies, engine, tests);
  return checked.ok
    ? ok({ policies: compiled, selfCheck: checked.value })
    : err([{ ...engineRefusal(checked.error), code: "self_check" }]);
}
