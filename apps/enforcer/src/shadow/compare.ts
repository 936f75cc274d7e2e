import type { FlipKind } from "@sluice/policy-engine";
import type { Answer, AnsweredPair as Pair } from "./messages.ts";

/** How an exchange's answer would differ, and what makes the difference. */
export interface Difference {
  readonly kind: FlipKind;
  /** the policies of the pairs that differ: what determines the new answer, or the old one when nothing does any more */
  readonly policies: readonly string[];
  /** of the first pair that differs */
  readonly action: string;
  readonly resource: string;
}

const POLICIES_MAX = 8;

const flips: Readonly<Record<Answer["kind"], Readonly<Record<Answer["kind"], FlipKind>>>> = {
  allow: { allow: "terms", ask: "allowed_to_asked", deny: "allowed_to_refused" },
  ask: { allow: "asked_to_allowed", ask: "terms", deny: "asked_to_refused" },
  deny: { allow: "refused_to_allowed", ask: "refused_to_asked", deny: "terms" },
};

/**
 * How the candidate's answer to one exchange differs from the one that was given; undefined when it does not. One
 * difference per exchange: of the verdict, else of what is masked (a value that would be shown before one that would be
 * hidden), else of other obligations. Both refused is no difference, whoever refuses.
 */
export function differenceOf(was: Answer, now: Answer): Difference | undefined {
  if (was.kind !== now.kind) {
    const differing = pairsThat(was, now, (before, after) => before.verdict !== after.verdict);
    const verdicts = differing.filter(({ after }) => after.action !== "unmask");
    return made(flips[was.kind][now.kind], verdicts.length > 0 ? verdicts : differing, was, now);
  }
  if (was.kind === "deny") return undefined;
  const shown = pairsThat(was, now, (before, after) => isUnmasked(after) && !isUnmasked(before));
  if (shown.length > 0) return made("masked_to_clear", shown, was, now);
  const hidden = pairsThat(was, now, (before, after) => isUnmasked(before) && !isUnmasked(after));
  if (hidden.length > 0) return made("clear_to_masked", hidden, was, now);
  return termsOf(was) === termsOf(now) ? undefined : made("terms", [], was, now);
}

interface Both {
  readonly before: Pair;
  readonly after: Pair;
}

// Both were made of the same facts and the same data classes, so their pairs stand in the same order.
function pairsThat(was: Answer, now: Answer, differ: (before: Pair, after: Pair) => boolean): Both[] {
  return now.decisions.flatMap((after, at) => {
    const before = was.decisions[at];
    return before?.action === after.action && differ(before, after) ? [{ before, after }] : [];
  });
}

function isUnmasked({ action, verdict }: Pair): boolean {
  return action === "unmask" && verdict === "allow";
}

function made(kind: FlipKind, pairs: readonly Both[], was: Answer, now: Answer): Difference {
  const [first] = pairs;
  const about = first?.after ?? now.decisions[0] ?? was.decisions[0];
  const policies = pairs.flatMap(({ before, after }) => (after.policies.length > 0 ? after.policies : before.policies));
  return {
    kind,
    policies: [...new Set(policies.length > 0 ? policies : (about?.policies ?? []))].slice(0, POLICIES_MAX),
    action: about?.action ?? "",
    resource: about === undefined ? "" : `${about.resource.type}::${JSON.stringify(about.resource.id)}`,
  };
}

/** Everything that an allowed or held exchange owes, as comparable text. */
function termsOf({ obligations, workflows }: Answer): string {
  const { masks, notify, approvals, ...rest } = obligations;
  return JSON.stringify([
    [...masks].map(([dataClass, strategy]) => `${dataClass}:${strategy}`).sort(),
    [...notify].sort(),
    [...approvals].sort(),
    [...workflows].sort(),
    Object.entries(rest).sort(([left], [right]) => (left < right ? -1 : 1)),
  ]);
}
