/** What is known of a refused bundle. */
export interface RefusalFacts {
  readonly refusedVersion: number | null;
  readonly refusedCode: string | null;
  readonly refusedReason: string | null;
  readonly refusedAt: Date | null;
}

/** A refused bundle for people: which, why, since when, and what to do. */
export interface RefusedBundle {
  readonly version: number | null;
  readonly code: string;
  readonly reason: string;
  readonly sinceMs: number | null;
  readonly nextStep: string;
}

const update =
  "Update this enforcer to a version that knows it, or roll back to the policy version before; the next bundle that it can read replaces its last good one by itself.";
const enrolAgain = "Enrol a new enforcer at the right site in its place and ban this one.";

const nextSteps: Readonly<Record<string, string>> = {
  "bundle.bad_policies": update,
  "bundle.bad_entities": update,
  "bundle.bad_token_key": update,
  "bundle.bad_format": update,
  "bundle.unknown_format": update,
  "bundle.unknown_schema": update,
  "bundle.unknown_key": `It trusts another key than the org signs with: was it enrolled with another control plane? ${enrolAgain}`,
  "bundle.bad_signature":
    "What it received was not what was signed: look at what stands between it and the control plane.",
  "bundle.wrong_org": enrolAgain,
  "bundle.wrong_site": enrolAgain,
  "bundle.rollback":
    "It has applied a newer bundle than the control plane has: was the control plane's database restored from a copy? Publish until the numbers have passed it, or enrol it again with an empty state directory.",
  "bundle.expired": "Its clock and the control plane's differ, or no worker renews bundles: check both.",
  "bundle.not_stored": "Make room on its disk; the bundle is offered again.",
};

/** The refused bundle of an enforcer; null when it refuses none. */
export function refusedBundle(facts: RefusalFacts): RefusedBundle | null {
  const { refusedVersion: version, refusedCode: code, refusedReason: reason, refusedAt } = facts;
  if (code === null || reason === null) return null;
  const nextStep = nextSteps[code] ?? "Its log has the cause; the bundle is offered again.";
  return { version, code, reason, sinceMs: refusedAt?.getTime() ?? null, nextStep };
}
