import type { DecisionRequest, PolicyEngine, Verdict } from "./contract.ts";

/** How a verdict differs under candidate policies, gravest for the org first. */
export type FlipKind =
  /** a masked value would be shown */
  | "masked_to_clear"
  | "refused_to_allowed"
  | "asked_to_allowed"
  | "refused_to_asked"
  | "allowed_to_refused"
  | "asked_to_refused"
  | "allowed_to_asked"
  | "clear_to_masked"
  /** allowed or asked as before, with other obligations or workflows */
  | "terms";

/** A recorded exchange to decide again; `request` is absent where the record does not hold enough. */
export interface RecordedDecision {
  readonly id: string;
  readonly request: DecisionRequest | undefined;
}

/** One verdict that would flip. */
export interface Flip {
  readonly id: string;
  readonly kind: FlipKind;
  /** the policies that make the difference: what determines the new verdict, or the old one when nothing does any more */
  readonly policies: readonly string[];
  readonly principal: string;
  readonly resource: string;
}

/** What would change if the candidate were published. */
export interface Impact {
  readonly records: number;
  /** of these, how many could be decided again */
  readonly replayed: number;
  readonly flips: number;
  readonly byKind: ReadonlyMap<FlipKind, number>;
  readonly byPolicy: ReadonlyMap<string, number>;
  readonly byPrincipal: ReadonlyMap<string, number>;
  readonly byResource: ReadonlyMap<string, number>;
  /** the first flips of each kind */
  readonly examples: readonly Flip[];
}

/** How a candidate's verdict on one request differs from the current one; undefined when it does not. */
export function flipOf(request: DecisionRequest, current: Verdict, candidate: Verdict): FlipKind | undefined {
  if (current.kind === candidate.kind) return sameTerms(current, candidate) ? undefined : "terms";
  if (request.action.id === "unmask") return candidate.kind === "allow" ? "masked_to_clear" : "clear_to_masked";
  return flips[current.kind][candidate.kind];
}

const flips: Readonly<Record<Verdict["kind"], Readonly<Record<Verdict["kind"], FlipKind>>>> = {
  allow: { allow: "terms", ask: "allowed_to_asked", deny: "allowed_to_refused" },
  ask: { allow: "asked_to_allowed", ask: "terms", deny: "asked_to_refused" },
  deny: { allow: "refused_to_allowed", ask: "refused_to_asked", deny: "terms" },
};

function sameTerms(current: Verdict, candidate: Verdict): boolean {
  if (current.kind === "deny" || candidate.kind === "deny") return true;
  return termsOf(current) === termsOf(candidate);
}

function termsOf(verdict: Exclude<Verdict, { kind: "deny" }>): string {
  const { masks, notify, approvals, ...rest } = verdict.obligations;
  const workflows = verdict.kind === "ask" ? verdict.workflows : [];
  return JSON.stringify([
    [...masks].map(([dataClass, strategy]) => `${dataClass}:${strategy}`).sort(),
    [...notify].sort(),
    [...approvals].sort(),
    [...workflows].sort(),
    Object.entries(rest).sort(([left], [right]) => (left < right ? -1 : 1)),
  ]);
}

/**
 * Decides recorded exchanges under the current and the candidate policies and counts what flips. `examplesMax` is per kind.
 */
export function impactOf(
  engines: { readonly current: PolicyEngine; readonly candidate: PolicyEngine },
  records: Iterable<RecordedDecision>,
  examplesMax = 5,
): Impact {
  const counts = { kind: new Map<FlipKind, number>(), policy: new Map(), principal: new Map(), resource: new Map() };
  const examples: Flip[] = [];
  let seen = 0;
  let replayed = 0;
  let flipped = 0;
  const both = engines.current.shadow(engines.candidate);
  for (const { id, request } of records) {
    seen += 1;
    if (request === undefined) continue;
    replayed += 1;
    const flip = flipIn(both, id, request);
    if (flip === undefined) continue;
    flipped += 1;
    if (add(counts.kind, flip.kind) <= examplesMax) examples.push(flip);
    for (const policy of flip.policies) add(counts.policy, policy);
    add(counts.principal, flip.principal);
    add(counts.resource, flip.resource);
  }
  return {
    records: seen,
    replayed,
    flips: flipped,
    byKind: counts.kind,
    byPolicy: counts.policy,
    byPrincipal: counts.principal,
    byResource: counts.resource,
    examples,
  };
}

function flipIn(both: ReturnType<PolicyEngine["shadow"]>, id: string, request: DecisionRequest): Flip | undefined {
  const { verdict, other, flip: kind } = both.decide(request);
  if (kind === undefined) return undefined;
  const policies = other.determining.length > 0 ? other.determining : verdict.determining;
  const { principal, resource } = request;
  return { id, kind, policies, principal: textOf(principal), resource: textOf(resource) };
}

function textOf({ type, id }: DecisionRequest["resource"]): string {
  return `${type}::${JSON.stringify(id)}`;
}

function add<Key>(counts: Map<Key, number>, key: Key): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
