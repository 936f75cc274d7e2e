import type { SetName } from "@sluice/policy-engine";
import { checkPolicies, type PolicyTexts } from "./check-policies.ts";

/** One policy that two versions of the texts do not share. */
export interface PolicyChange {
  readonly id: string;
  readonly set: SetName;
  readonly kind: "added" | "removed" | "changed" | "moved";
  readonly before?: string;
  readonly after?: string;
}

/**
 * Compares two versions policy by policy, by `@id`. Layout and comments do not count; a policy that only went to another set
 * is moved. Policies that do not parse are left out: check first.
 */
export function diffPolicies(before: PolicyTexts, after: PolicyTexts): PolicyChange[] {
  const old = new Map(checkPolicies(before).policies.map((policy) => [policy.id, policy]));
  const changes: PolicyChange[] = [];
  for (const policy of checkPolicies(after).policies) {
    const { id, set, text } = policy;
    const earlier = old.get(id);
    old.delete(id);
    if (earlier === undefined) changes.push({ id, set, kind: "added", after: text });
    else if (JSON.stringify(earlier.json) !== JSON.stringify(policy.json)) {
      changes.push({ id, set, kind: "changed", before: earlier.text, after: text });
    } else if (earlier.set !== set) changes.push({ id, set, kind: "moved", before: earlier.text, after: text });
  }
  for (const { id, set, text } of old.values()) changes.push({ id, set, kind: "removed", before: text });
  return changes;
}
