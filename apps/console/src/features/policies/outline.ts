import { policySetTextToParts, policyToJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { z } from "zod";
import { type PolicySetName, policyOutlineSchema, policySetNameSchema } from "./schemas.ts";

/** One policy as text and as what its annotations say. */
export type PolicyOutline = z.infer<typeof policyOutlineSchema>;

const REMEMBERED_MAX = 5_000;
const remembered = new Map<string, Pick<PolicyOutline, "effect" | "annotations">>();

/**
 * The policies of the three texts in the order they are written, guardrails first. A set that does not parse gives none.
 * A policy without `@id` is named by its set and place (`access#2`), as the build would refuse it anyway.
 */
export function outlinePolicies(sets: Readonly<Record<PolicySetName, string>>): PolicyOutline[] {
  return policySetNameSchema.options.flatMap((set) => outlineSet(set, sets[set]));
}

/** The policies of one text in the order they are written. */
export function outlineSet(set: PolicySetName, source: string): PolicyOutline[] {
  const parts = policySetTextToParts(source);
  if (parts.type === "failure") return [];
  // The engine orders by its own ids, as text: "policy10" before "policy2".
  const placed = parts.policies.map((text) => ({ text, at: source.indexOf(text) })).sort((a, b) => a.at - b.at);
  return placed.flatMap(({ text }, index) => {
    const known = describe(text);
    if (!known) return [];
    const { effect, annotations } = known;
    const id = annotations["id"] ?? `${set}#${index + 1}`;
    return [
      policyOutlineSchema.parse({
        id,
        set,
        effect,
        annotations,
        description: annotations["description"] ?? null,
        text,
      }),
    ];
  });
}

function describe(text: string): Pick<PolicyOutline, "effect" | "annotations"> | undefined {
  const hit = remembered.get(text);
  if (hit) return hit;
  const parsed = policyToJson(text);
  if (parsed.type === "failure") return undefined;
  const annotations: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed.json.annotations ?? {})) annotations[name] = value ?? "";
  const described = { effect: parsed.json.effect, annotations };
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(text, described);
  return described;
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
