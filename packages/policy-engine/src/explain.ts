import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import { compileConstraint } from "./compile/scope.ts";
import type { DecisionRequest, EntityUid, Explanation, Verdict } from "./contract.ts";
import { decide } from "./decide.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { constraintText, readsOf } from "./reads.ts";
import { envOf } from "./request.ts";

/** How many ways out an explanation names. */
const WAYS_MAX = 5;

/** Why the verdict is what it is, for people. Costs far more than a decision. */
export function explain(
  index: PolicyIndex,
  policies: readonly CompiledPolicy[],
  request: DecisionRequest,
): Explanation {
  const verdict = decide(index, request);
  const askers = request.onBehalfOf === undefined ? [request.principal] : [request.principal, request.onBehalfOf];
  return {
    verdict,
    policies: askers.flatMap((asker) => considered(index, request, asker)),
    wouldAllow: verdict.kind === "allow" ? [] : waysOut(verdict, policies, askers, request),
  };
}

function considered(index: PolicyIndex, request: DecisionRequest, asker: EntityUid): Explanation["policies"] {
  const env = envOf(request, asker);
  if (env === undefined) return [];
  return index.fitting(env).map((policy) => ({
    id: policy.id,
    principal: env.principal.text,
    set: policy.set,
    effect: policy.effect,
    outcome: outcomeText(policy.holds(env)),
    reads: readsOf(policy, env),
  }));
}

function outcomeText(outcome: ReturnType<CompiledPolicy["holds"]>): Explanation["policies"][number]["outcome"] {
  if (typeof outcome !== "boolean") return "error";
  return outcome ? "satisfied" : "not_satisfied";
}

function waysOut(
  verdict: Exclude<Verdict, { kind: "allow" }>,
  policies: readonly CompiledPolicy[],
  askers: readonly EntityUid[],
  request: DecisionRequest,
): string[] {
  if (verdict.kind === "ask") return verdict.workflows.map((workflow) => `an approval by the workflow "${workflow}"`);
  if (verdict.code === "bad_request") return ["a well-formed request"];
  if (verdict.code === "no_permit") {
    return [...new Set(askers.flatMap((asker) => nearbyPermits(policies, envOf(request, asker))))].slice(0, WAYS_MAX);
  }
  const determining = new Set(verdict.determining);
  const message = new Map(verdict.errors.map((error) => [error.policyId, error.message]));
  return policies
    .filter(({ id }) => determining.has(id))
    .slice(0, WAYS_MAX)
    .map((policy) => wayPast(policy, message.get(policy.id)));
}

function wayPast({ id, annotations }: CompiledPolicy, failure: string | undefined): string {
  if (failure !== undefined) return `policy "${id}" must be possible to evaluate (${failure})`;
  if (annotations.advice !== undefined) return annotations.advice;
  const [workflow] = annotations.requireApproval;
  if (workflow !== undefined) return `an approval by the workflow "${workflow}", once nothing else forbids it`;
  return `a request to which policy "${id}" does not apply`;
}

/** Access policies for this action that miss by one thing, nearest first. */
function nearbyPermits(policies: readonly CompiledPolicy[], env: Env | undefined): string[] {
  if (env === undefined) return [];
  const near: { readonly misses: number; readonly text: string }[] = [];
  for (const policy of policies) {
    if (policy.set !== "access" || policy.effect !== "permit") continue;
    const missing = missingParts(policy, env);
    if (missing !== undefined)
      near.push({ misses: missing.length, text: `${missing.join(" and ")} (policy "${policy.id}")` });
  }
  return near.sort((left, right) => left.misses - right.misses).map(({ text }) => text);
}

/** What the request lacks for this permit; undefined when it is about another action altogether. */
function missingParts({ scope, holds }: CompiledPolicy, env: Env): string[] | undefined {
  if (compileConstraint(scope.action, (of) => of.action)?.(env) === false) return undefined;
  const missing: string[] = [];
  for (const part of ["principal", "resource"] as const) {
    const holds = compileConstraint(scope[part], (of) => of[part])?.(env) ?? true;
    const text = constraintText(part, scope[part]);
    if (!holds && text !== undefined) missing.push(text);
  }
  if (missing.length === 0 && holds(env) !== true) missing.push("its conditions");
  return missing;
}
