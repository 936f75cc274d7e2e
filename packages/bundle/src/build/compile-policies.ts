import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { err, ok, type Result } from "@sluice/kernel";
import { CEDAR_LANGUAGE, load, type PolicyEngine, type SetName } from "@sluice/policy-engine";
import { type CheckedPolicy, checkPolicies, type PolicyTexts, policySets } from "./check-policies.ts";
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
  const compiled = compileAndLoad(texts);
  return compiled.ok ? ok(compiled.value.compiled) : compiled;
}

/** The compiled sets with what was found on the way: the policies one by one, and the engine that loaded them. */
export interface LoadedPolicies {
  readonly compiled: BundledPolicies;
  readonly policies: readonly CheckedPolicy[];
  readonly engine: PolicyEngine;
}

/** As `compilePolicies`, for whoever goes on with the engine. */
export function compileAndLoad(texts: PolicyTexts): Result<LoadedPolicies, readonly PolicyDiagnostic[]> {
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
  return loaded.ok
    ? ok({ compiled, policies: check.policies, engine: loaded.value })
    : err([...check.diagnostics, engineRefusal(loaded.error.public)]);
}

function setOf(entries: readonly (readonly [string, PolicyJson])[]): BundledPolicySet {
  return { language: CEDAR_LANGUAGE, staticPolicies: Object.fromEntries(entries) };
}

/** A refusal that no single place is to blame for. */
export function engineRefusal(message: string): PolicyDiagnostic {
  const start = { line: 1, column: 1 };
  return { set: "guardrails", severity: "error", code: "engine_refusal", message, from: 0, to: 0, start, end: start };
}
