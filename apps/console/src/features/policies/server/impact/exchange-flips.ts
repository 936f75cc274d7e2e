import { type DecisionRequest, type FlipKind, flipOf, type PolicyEngine, type Verdict } from "@sluice/policy-engine";

/** How one exchange would have ended otherwise, and because of what. */
export interface ExchangeFlip {
  readonly kind: FlipKind;
  /** what determines the new verdict, or the old one when nothing does any more */
  readonly policies: readonly string[];
  /** of the pairs that make the difference, as `Table::"shop/public.customers"` */
  readonly resources: readonly string[];
}

interface DecidedTwice {
  readonly request: DecisionRequest;
  readonly before: Verdict;
  readonly after: Verdict;
}

const severity: Readonly<Record<Verdict["kind"], number>> = { allow: 0, ask: 1, deny: 2 };
const between: Readonly<Record<Verdict["kind"], Readonly<Record<Verdict["kind"], FlipKind | undefined>>>> = {
  allow: { allow: undefined, ask: "allowed_to_asked", deny: "allowed_to_refused" },
  ask: { allow: "asked_to_allowed", ask: undefined, deny: "asked_to_refused" },
  deny: { allow: "refused_to_allowed", ask: "refused_to_asked", deny: undefined },
};

/**
 * Decides all pairs of one recorded exchange with both sets of policies. An exchange ends as its strictest pair does, so it
 * has at most one flip of its verdict, else at most one each of values shown, values hidden and other terms.
 */
export function exchangeFlips(
  engines: { readonly current: PolicyEngine; readonly candidate: PolicyEngine },
  requests: readonly DecisionRequest[],
): ExchangeFlip[] {
  const decided = requests.map((request) => ({
    request,
    before: engines.current.decide(request),
    after: engines.candidate.decide(request),
  }));
  // a refused unmask hides a value and refuses nothing; one that asks holds the exchange
  const counting = decided.filter((one) => !isUnmask(one) || one.before.kind === "ask" || one.after.kind === "ask");
  const before = strictest(counting.map((one) => (isUnmask(one) ? asksOnly(one.before) : one.before.kind)));
  const after = strictest(counting.map((one) => (isUnmask(one) ? asksOnly(one.after) : one.after.kind)));
  const kind = between[before][after];
  if (kind !== undefined) return [verdictFlip(kind, counting, severity[after] > severity[before] ? after : before)];
  // refused before and after: nothing of it was ever seen
  if (after === "deny") return [];
  return [...unmaskFlips(decided), ...termFlips(decided)];
}

function isUnmask({ request }: DecidedTwice): boolean {
  return request.action.id === "unmask";
}

function asksOnly({ kind }: Verdict): Verdict["kind"] {
  return kind === "ask" ? "ask" : "allow";
}

function strictest(kinds: readonly Verdict["kind"][]): Verdict["kind"] {
  let worst: Verdict["kind"] = "allow";
  for (const kind of kinds) if (severity[kind] > severity[worst]) worst = kind;
  return worst;
}

/** Of the pairs that differ, those that made the stricter of the two verdicts what it was. */
function verdictFlip(kind: FlipKind, pairs: readonly DecidedTwice[], stricter: Verdict["kind"]): ExchangeFlip {
  const made = pairs.filter(
    ({ before, after }) => before.kind !== after.kind && (before.kind === stricter || after.kind === stricter),
  );
  return flip(kind, made);
}

function unmaskFlips(decided: readonly DecidedTwice[]): ExchangeFlip[] {
  const asked = decided.filter(isUnmask);
  const shown = asked.filter(({ after, before, request }) => !isClear(request, before) && isClear(request, after));
  const hidden = asked.filter(({ after, before, request }) => isClear(request, before) && !isClear(request, after));
  return [
    ...(shown.length > 0 ? [flip("masked_to_clear", shown)] : []),
    ...(hidden.length > 0 ? [flip("clear_to_masked", hidden)] : []),
  ];
}

/** The value is seen as it is: permission to see it otherwise masked than its class is none to see it in clear. */
function isClear({ resource }: DecisionRequest, verdict: Verdict): boolean {
  return verdict.kind === "allow" && !verdict.obligations.masks.has(resource.id);
}

/** Other limits, masks or workflows where the verdict stays. */
function termFlips(decided: readonly DecidedTwice[]): ExchangeFlip[] {
  const others = decided.filter((one) => {
    const { after, before, request } = one;
    if (!isUnmask(one)) return flipOf(request, before, after) !== undefined;
    const sameSight = before.kind === after.kind && isClear(request, before) === isClear(request, after);
    return sameSight && flipOf(request, before, after) !== undefined;
  });
  return others.length > 0 ? [flip("terms", others)] : [];
}

function flip(kind: FlipKind, made: readonly DecidedTwice[]): ExchangeFlip {
  const policies = made.flatMap(({ before, after }) =>
    after.determining.length > 0 ? after.determining : before.determining,
  );
  const resources = made.map(({ request: { resource } }) => `${resource.type}::${JSON.stringify(resource.id)}`);
  return { kind, policies: [...new Set(policies)], resources: [...new Set(resources)] };
}
