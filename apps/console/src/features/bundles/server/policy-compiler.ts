import * as cedar from "@cedar-policy/cedar-wasm/nodejs";

/** The version of sluice.cedarschema that bundles are built against. */
export const POLICY_SCHEMA_VERSION = 1;

/** The three sets in Cedar's own JSON form. */
export interface CompiledPolicies {
  readonly guardrails: unknown;
  readonly access: unknown;
  readonly obligations: unknown;
}

/** A stored version of the policies' text. Immutable, so its compiled form is kept. */
export interface StoredPolicies {
  readonly id: string;
  readonly guardrails: string;
  readonly access: string;
  readonly obligations: string;
}

const KEPT_MAX = 32;
const kept = new Map<string, CompiledPolicies>();

/** Compiles a version that was validated when it was published; the newest few stay compiled. Throws when it does not parse. */
export function compileStored(stored: StoredPolicies): CompiledPolicies {
  const known = kept.get(stored.id);
  if (known) return known;
  const compiled = {
    guardrails: est(stored.guardrails),
    access: est(stored.access),
    obligations: est(stored.obligations),
  };
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(stored.id, compiled);
  return compiled;
}

function est(text: string): { staticPolicies: Record<string, unknown> } {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type !== "success") throw new Error("a stored policy set does not parse", { cause: parts.errors });
  const staticPolicies = Object.fromEntries(
    parts.policies.map((policy, at) => {
      const read = cedar.policyToJson(policy);
      if (read.type !== "success") throw new Error("a stored policy does not parse", { cause: read.errors });
      return [`policy${at}`, read.json];
    }),
  );
  return { staticPolicies };
}
