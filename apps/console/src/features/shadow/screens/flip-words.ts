import type { Tone } from "../../../ui/badge.tsx";
import type { FlipGroup, FlipKind } from "../schemas.ts";

/** What a flip means to whoever answers for the policies, and how grave it is. */
export const flipWords: Readonly<
  Record<FlipKind, { readonly short: string; readonly long: string; readonly tone: Tone }>
> = {
  masked_to_clear: { short: "masked → clear", long: "would show values that are masked now", tone: "bad" },
  refused_to_allowed: { short: "refused → allowed", long: "would be allowed, refused now", tone: "bad" },
  asked_to_allowed: {
    short: "asked → allowed",
    long: "would pass without the approval that is asked for now",
    tone: "bad",
  },
  refused_to_asked: { short: "refused → asked", long: "would ask for approval, refused now", tone: "warn" },
  allowed_to_refused: { short: "allowed → refused", long: "would be refused, allowed now", tone: "warn" },
  asked_to_refused: { short: "asked → refused", long: "would be refused, asked for approval now", tone: "warn" },
  allowed_to_asked: { short: "allowed → asked", long: "would wait for approval, allowed now", tone: "warn" },
  clear_to_masked: { short: "clear → masked", long: "would mask values that are shown now", tone: "mask" },
  terms: { short: "other terms", long: "would carry other limits, masks or records", tone: "neutral" },
};

/** What flips can be grouped by. */
export type FlipDimension = "policy" | "principal" | "resource";

/** Flips under one name, the most first. */
export interface NamedFlips {
  readonly name: string;
  readonly count: number;
  readonly groups: readonly FlipGroup[];
}

/** Groups flips by one of their sides. By policy, a flip stands under each policy that makes it. */
export function flipsBy(groups: readonly FlipGroup[], by: FlipDimension): NamedFlips[] {
  const named = new Map<string, { count: number; groups: FlipGroup[] }>();
  for (const group of groups) {
    for (const name of namesOf(group, by)) {
      const known = named.get(name) ?? { count: 0, groups: [] };
      known.count += group.count;
      known.groups.push(group);
      named.set(name, known);
    }
  }
  return [...named].map(([name, rest]) => ({ name, ...rest })).sort((a, b) => b.count - a.count);
}

function namesOf(group: FlipGroup, by: FlipDimension): readonly string[] {
  switch (by) {
    case "policy":
      return group.policies.length > 0 ? group.policies : ["no policy permits it"];
    case "principal":
      return [whoOf(group)];
    case "resource":
      return [group.resource];
  }
}

/** Who acted, with the person they act for. */
export function whoOf({ principal, onBehalfOf }: Pick<FlipGroup, "principal" | "onBehalfOf">): string {
  return onBehalfOf === "" ? principal : `${principal} for ${onBehalfOf}`;
}

/** How many exchanges flip in each way, gravest first. */
export function countByKind(
  groups: readonly FlipGroup[],
): readonly { readonly kind: FlipKind; readonly count: number }[] {
  const counts = new Map<FlipKind, number>();
  for (const { kind, count } of groups) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}
