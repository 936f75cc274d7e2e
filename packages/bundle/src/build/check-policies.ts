import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { readAnnotations, type SetName } from "@sluice/policy-engine";
import type { Finding, PolicyDiagnostic } from "./diagnostic.ts";
import { annotationSpan, idOf, isUnscoped, lintPolicy } from "./lint-policy.ts";
import { parsePolicies } from "./parse-policies.ts";
import { placeFinder } from "./positions.ts";
import { type PolicyPiece, splitPolicies } from "./split-policies.ts";

/** The three policy texts of an org, as people write them. */
export type PolicyTexts = Readonly<Record<SetName, string>>;

/** One policy of a checked text, for lists and outlines. */
export interface CheckedPolicy {
  readonly set: SetName;
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
  readonly severity?: string | undefined;
  /** workflows that it asks for instead of refusing */
  readonly requireApproval: readonly string[];
  /** UTF-16 offsets in its set's text */
  readonly from: number;
  readonly to: number;
  /** its text and its EST */
  readonly text: string;
  readonly json: PolicyJson;
}

/** What checking found. */
export interface PolicyCheck {
  /** true when nothing is an error: the texts can be published */
  readonly ok: boolean;
  /** by set, then by place */
  readonly diagnostics: readonly PolicyDiagnostic[];
  /** the policies that parse */
  readonly policies: readonly CheckedPolicy[];
}

/** The order in which sets are shown and numbered. */
export const policySets: readonly SetName[] = ["guardrails", "access", "obligations"];

/** Longest text of one set, in UTF-16 units. */
const TEXT_CHARS_MAX = 16 * 1_048_576;
/** How many unscoped policies one bundle may have before each decision pays too much. */
const UNSCOPED_MAX = 100;
interface Item {
  readonly set: SetName;
  readonly piece: PolicyPiece;
}

/**
 * Parses, validates strictly against the shipped schema and lints the three texts. Errors in one policy leave the others
 * checked. The first check of ten thousand policies takes seconds (`preparePolicies` takes them in slices), the next one after an
 * edit only the edit's time.
 */
export function checkPolicies(texts: PolicyTexts): PolicyCheck {
  const tooLarge = policySets.filter((set) => texts[set].length > TEXT_CHARS_MAX);
  if (tooLarge.length > 0) return { ok: false, diagnostics: tooLarge.map(refuseSize), policies: [] };
  const items = policySets.flatMap((set) => splitPolicies(texts[set]).map((piece): Item => ({ set, piece })));
  const parsed = parsePolicies(items.map(({ piece }) => piece.text));
  const places = {
    guardrails: placeFinder(texts.guardrails),
    access: placeFinder(texts.access),
    obligations: placeFinder(texts.obligations),
  };
  const policies: CheckedPolicy[] = [];
  const diagnostics: PolicyDiagnostic[] = [];
  const report = (item: Item, finding: Finding, policyId: string | undefined) => {
    const from = item.piece.from + finding.from;
    const to = item.piece.from + finding.to;
    const place = places[item.set];
    diagnostics.push({ ...finding, set: item.set, policyId, from, to, start: place(from), end: place(to) });
  };
  items.forEach((item, at) => {
    const { json, findings } = parsed[at] ?? { json: undefined, findings: [] };
    const policyId = json === undefined ? undefined : idOf(json);
    const linted = json === undefined ? [] : lintPolicy(item.piece.text, json, item.set);
    for (const finding of [...findings, ...linted]) report(item, finding, policyId);
    if (json !== undefined) policies.push(checkedPolicy(item, json, policyId ?? `${item.set}-${at}`));
  });
  for (const { item, finding, id } of acrossPolicies(items, policies)) report(item, finding, id);
  const ordered = diagnostics.toSorted(
    (left, right) => policySets.indexOf(left.set) - policySets.indexOf(right.set) || left.from - right.from,
  );
  return { ok: ordered.every(({ severity }) => severity !== "error"), diagnostics: ordered, policies };
}

function checkedPolicy({ set, piece }: Item, json: PolicyJson, id: string): CheckedPolicy {
  const { annotations } = readAnnotations(json.annotations ?? {}, set, json.effect);
  const { description, owner, severity, requireApproval } = annotations;
  return {
    set,
    id,
    effect: json.effect,
    description,
    owner,
    severity,
    requireApproval,
    from: piece.from,
    to: piece.to,
    text: piece.text,
    json,
  };
}

/** The texts of all policies of the three sets, for whoever parses them beforehand. None when a set is too long to be looked at. */
export function piecesOf(texts: PolicyTexts): readonly string[] {
  if (policySets.some((set) => texts[set].length > TEXT_CHARS_MAX)) return [];
  return policySets.flatMap((set) => splitPolicies(texts[set]).map(({ text }) => text));
}

function acrossPolicies(items: readonly Item[], policies: readonly CheckedPolicy[]) {
  const problems: { item: Item; finding: Finding; id: string }[] = [];
  const itemAt = new Map(items.map((item) => [`${item.set}:${item.piece.from}`, item]));
  const first = new Map<string, CheckedPolicy>();
  let unscoped = 0;
  for (const policy of policies) {
    const item = itemAt.get(`${policy.set}:${policy.from}`);
    if (item === undefined) continue;
    const earlier = idOf(policy.json) === undefined ? undefined : first.get(policy.id);
    if (earlier !== undefined) problems.push({ item, id: policy.id, finding: duplicate(policy, earlier) });
    else first.set(policy.id, policy);
    if (!isUnscoped(policy.json)) continue;
    unscoped += 1;
    if (unscoped === UNSCOPED_MAX + 1) problems.push({ item, id: policy.id, finding: overBudget(policy) });
  }
  return problems;
}

function duplicate(policy: CheckedPolicy, earlier: CheckedPolicy): Finding {
  return {
    severity: "error",
    code: "duplicate_id",
    message: `Another policy in ${earlier.set} already has the id "${policy.id}".`,
    suggestion: "Give each policy its own @id.",
    ...annotationSpan(policy.text, "id"),
  };
}

function overBudget(policy: CheckedPolicy): Finding {
  return {
    severity: "warning",
    code: "unscoped_over_budget",
    message: `More than ${UNSCOPED_MAX} policies name no principal, action or resource; each one slows every decision.`,
    suggestion: "Scope them, or begin their conditions with a comparison to a literal.",
    ...annotationSpan(policy.text, "id"),
  };
}

function refuseSize(set: SetName): PolicyDiagnostic {
  const start = { line: 1, column: 1 };
  const message = `The ${set} are longer than ${TEXT_CHARS_MAX} characters.`;
  return { set, severity: "error", code: "too_large", message, from: 0, to: 0, start, end: start };
}
