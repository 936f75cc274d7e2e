import { type BundledPolicies, compilePolicies, type PolicyTexts } from "@sluice/bundle/build";

/** The three sets in Cedar's own JSON form. */
export type CompiledPolicies = BundledPolicies;

/** A stored version of the policies' text. */
export interface StoredPolicies extends PolicyTexts {
  readonly id: string;
}

const KEPT_MAX = 32;
const kept = new Map<string, CompiledPolicies>();

/**
 * Compiles a version that was validated when it was published. Versions are immutable, so the newest few stay compiled.
 * Throws when it does not compile: such a version should never have been stored.
 */
export function compileStored(stored: StoredPolicies): CompiledPolicies {
  const known = kept.get(stored.id);
  if (known) return known;
  const { guardrails, access, obligations } = stored;
  const compiled = compilePolicies({ guardrails, access, obligations });
  if (!compiled.ok) throw new Error("a stored policy version does not compile", { cause: compiled.error });
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(stored.id, compiled.value);
  return compiled.value;
}
