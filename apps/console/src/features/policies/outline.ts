import { checkPolicies, type PolicyTexts } from "@sluice/bundle/build";
import type { z } from "zod";
import type { policyOutlineSchema } from "./schemas.ts";

/** One policy as text and as what its annotations say. */
export type PolicyOutline = z.infer<typeof policyOutlineSchema>;

/** The policies of the three texts that parse, in the order they are written, guardrails first. */
export function outlinePolicies(texts: PolicyTexts): PolicyOutline[] {
  return checkPolicies(texts).policies.map(outlineOf);
}

/** One checked policy as the console shows it. */
export function outlineOf(policy: ReturnType<typeof checkPolicies>["policies"][number]): PolicyOutline {
  const { id, set, effect, text, json } = policy;
  const annotations: Record<string, string> = {};
  for (const [name, value] of Object.entries(json.annotations ?? {})) annotations[name] = value ?? "";
  return { id, set, effect, text, annotations, description: policy.description ?? null };
}

/** What one text added, removed and changed against another, by policy id within its set. */
export function comparePolicies(before: readonly PolicyOutline[], after: readonly PolicyOutline[]) {
  const key = (policy: PolicyOutline) => `${policy.set}/${policy.id}`;
  const old = new Map(before.map((policy) => [key(policy), policy]));
  const now = new Map(after.map((policy) => [key(policy), policy]));
  const added = after.filter((policy) => !old.has(key(policy)));
  const removed = before.filter((policy) => !now.has(key(policy)));
  const changed = after.flatMap((policy) => {
    const earlier = old.get(key(policy));
    return earlier && earlier.text !== policy.text ? [{ before: earlier, after: policy }] : [];
  });
  return { added, removed, changed };
}
