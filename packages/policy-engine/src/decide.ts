import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import type { DecisionRequest, DenyCode, EntityUid, Obligations, Verdict, VerdictBasis } from "./contract.ts";
import { inOrder, type Outcome } from "./evaluate.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { kindsOf, mergeObligations, noObligations, obligationsOf, unionOf } from "./obligations.ts";
import { envOf } from "./request.ts";
import { Fault } from "./values/fault.ts";
import { CedarRecord, CedarSet } from "./values/value.ts";

const noErrors: VerdictBasis["errors"] = [];
const noWorkflows: ReadonlySet<string> = new Set();

/**
 * The verdict on a request: for the principal, and for the person it acts for where there is one. Never throws: what cannot
 * be read as a request is denied with the reason.
 */
export function decide(index: PolicyIndex, request: DecisionRequest): Verdict {
  try {
    const own = decideFor(index, request, request.principal);
    if (request.onBehalfOf === undefined) return own;
    return strictest(own, decideFor(index, request, request.onBehalfOf));
  } catch {
    // only objects that lie about their types, or nest deeper than the stack, come here: a doubt like any other
    return refuseBadRequest("the request cannot be evaluated");
  }
}

function decideFor(index: PolicyIndex, request: DecisionRequest, principal: EntityUid): Verdict {
  const env = envOf(request, principal);
  if (env instanceof Fault) return refuseBadRequest(env.message);
  return verdictOf(index.evaluate(env), env, request);
}

function refuseBadRequest(message: string): Verdict {
  return { kind: "deny", code: "bad_request", determining: [], errors: [{ policyId: "", message }] };
}

/** SYSTEM.md "Policy", in its order. */
export function verdictOf(outcome: Outcome, env: Env, { understands }: Pick<DecisionRequest, "understands">): Verdict {
  const errors = errorsOf(outcome);
  if (errors.length > 0) {
    const failed = outcome.errors.map(({ policy }) => policy).filter(failsClosed);
    if (failed.length > 0) return deny("policy_error", failed, errors);
  }
  const asks = outcome.forbids.some(asksForApproval) || outcome.obligations.some(asksForApproval);
  const approved = asks ? approvedWorkflows(env) : noWorkflows;
  const forbids = asks ? outcome.forbids.filter((policy) => !isApproved(policy, approved)) : outcome.forbids;
  if (!forbids.every(asksForApproval)) {
    // what no approval lifts comes first: it is what the refusal is named after and advised on
    const hard = forbids.filter((policy) => !policy.asks);
    return deny("forbidden", [...inOrder(hard), ...inOrder(forbids.filter(asksForApproval))], errors);
  }
  if (outcome.permits.length === 0) {
    return forbids.length > 0 ? deny("forbidden", inOrder(forbids), errors) : deny("no_permit", [], errors);
  }
  const owed = inOrder(outcome.obligations);
  const obligations = owed.length === 0 ? noObligations : obligationsOf(owed, approved);
  const unmet = unmetObligations(obligations, owed, understands);
  if (unmet.length > 0) return deny("unknown_obligation", unmet, errors);
  return permitted({ permits: inOrder(outcome.permits), forbids: inOrder(forbids), owed }, obligations, errors);
}

function permitted(
  satisfied: Readonly<Record<"permits" | "forbids" | "owed", readonly CompiledPolicy[]>>,
  obligations: Obligations,
  errors: VerdictBasis["errors"],
): Verdict {
  const { permits, forbids, owed } = satisfied;
  let workflows: readonly string[] = obligations.approvals;
  for (const { annotations } of forbids) workflows = unionOf(workflows, annotations.requireApproval);
  if (workflows.length === 0) return { kind: "allow", obligations, determining: idsOf(permits), errors };
  const asking = owed.filter(asksForApproval);
  return { kind: "ask", workflows, obligations, determining: idsOf([...forbids, ...asking]), errors };
}

/**
 * A forbid in doubt forbids, and an obligation in doubt might have masked or limited something. A permit in doubt just
 * does not permit.
 */
function failsClosed({ part }: CompiledPolicy): boolean {
  return part !== "permit";
}

function errorsOf({ errors }: Outcome): VerdictBasis["errors"] {
  if (errors.length === 0) return noErrors;
  if (errors.length > 1) errors.sort((left, right) => left.policy.order - right.policy.order);
  return errors.map(({ policy, fault }) => ({ policyId: policy.id, message: fault.message }));
}

function idsOf(policies: readonly CompiledPolicy[]): string[] {
  return policies.map((policy) => policy.id);
}

function deny(code: DenyCode, policies: readonly CompiledPolicy[], errors: VerdictBasis["errors"]): Verdict {
  const rated = policies.find(({ annotations }) => annotations.advice !== undefined) ?? policies[0];
  const { advice, severity } = rated?.annotations ?? {};
  return { kind: "deny", code, advice, severity, determining: idsOf(policies), errors };
}

/**
 * An approval lifts a forbid that asks for it when every workflow that the forbid names has approved; other forbids stay.
 * The enforcer puts `context.approval` there only after checking that it is bound to this very exchange.
 */
function isApproved({ annotations }: CompiledPolicy, approved: ReadonlySet<string>): boolean {
  const { requireApproval } = annotations;
  return requireApproval.length > 0 && requireApproval.every((workflow) => approved.has(workflow));
}

function asksForApproval({ asks }: CompiledPolicy): boolean {
  return asks;
}

function approvedWorkflows(env: Env): ReadonlySet<string> {
  const approval = env.context.fields.get("approval");
  if (!(approval instanceof CedarRecord)) return noWorkflows;
  const workflows = approval.fields.get("workflows");
  if (!(workflows instanceof CedarSet)) return noWorkflows;
  return new Set(workflows.items.filter((item) => typeof item === "string"));
}

function unmetObligations(
  obligations: Obligations,
  owed: readonly CompiledPolicy[],
  understands: DecisionRequest["understands"],
): readonly CompiledPolicy[] {
  if (understands === undefined || kindsOf(obligations).every((kind) => understands.has(kind))) return [];
  return owed.filter((policy) => kindsOf(obligationsOf([policy], noWorkflows)).some((kind) => !understands.has(kind)));
}

const strictness = { allow: 0, ask: 1, deny: 2 } as const;

/** The stricter of two verdicts on one exchange; what is allowed or asked owes the obligations of both. */
export function strictest(own: Verdict, other: Verdict): Verdict {
  const errors = [...own.errors, ...other.errors];
  if (own.kind === "deny" || other.kind === "deny") {
    const first = strictness[own.kind] >= strictness[other.kind] ? own : other;
    const both = own.kind === "deny" && other.kind === "deny";
    return { ...first, determining: both ? unionOf(own.determining, other.determining) : first.determining, errors };
  }
  const obligations = mergeObligations(own.obligations, other.obligations);
  if (own.kind === "allow" && other.kind === "allow") {
    return { kind: "allow", obligations, determining: unionOf(own.determining, other.determining), errors };
  }
  const asks = [own, other].filter((verdict) => verdict.kind === "ask");
  const workflows = asks.map((verdict) => verdict.workflows).reduce(unionOf, []);
  const determining = asks.map((verdict) => verdict.determining).reduce(unionOf, []);
  return { kind: "ask", workflows, obligations, determining, errors };
}
