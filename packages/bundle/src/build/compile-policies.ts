import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { err, ok, type Result } from "@sluice/kernel";
import { CEDAR_LANGUAGE, load, type SetName } from "@sluice/policy-engine";
import { checkPolicies, type PolicyTexts, policySets } from "./check-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";

/** One policy set as a bundle carries it: Cedar's JSON form, keyed by `@id`, and the language it is in. */
export interface BundledPolicySet {
  readonly language: typeof CEDAR_LANGUAGE;
  readonly staticPolicies: Readonly<Record<string, PolicyJson>>;
}

/** The three sets of a bundle. */
export type BundledPolicies = Readonly<Record<SetName, BundledPolicySet>>;

/**
 * Turns the three texts into what a bundle carries. Refuses with every diagnostic when one is an error, and checks itself:
 * what comes out has been loaded by the same engine that enforcers run.
 */
export function compilePolicies(texts: PolicyTexts): Result<BundledPolicies, readonly PolicyDiagnostic[]> {
  const check = checkPolicies(texts);
  if (!check.ok) return err(check.diagnostics);
  const compiled: Record<SetName, BundledPolicySet> = {
    guardrails: setOf([]),
    access: setOf([]),
    obligations: setOf([]),
  };
  for (const set of policySets) {
    compiled[set] = setOf(
      check.policies.filter((policy) => policy.set === set).map(({ id, json }) => [id, json] as const),
    );
  }
  const loaded = load(compiled);
  return loaded.ok ? ok(compiled) : err([...check.diagnostics, engineRefusal(loaded.error.public)]);
}

function setOf(entries: readonly (readonly [string, PolicyJson])[]): BundledPolicySet {
  return { language: CEDAR_LANGUAGE, staticPolicies: Object.fromEntries(entries) };
}

function engineRefusal(message: string): PolicyDiagnostic {
  const start = { line: 1, column: 1 };
  return { set: "guardrails", severity: "error", code: "engine_refusal", message, from: 0, to: 0, start, end: start };
}
