import type { Env } from "./compile/env.ts";
import type { CompiledPolicy } from "./compile/policy.ts";
import type { DecisionRequest, Explanation, Verdict } from "./contract.ts";
import { decide } from "./decide.ts";
import type { PolicyIndex } from "./index/policy-index.ts";
import { nearestPermits } from "./near.ts";
import { readsOf } from "./reads.ts";
import { envOf } from "./request.ts";
import { Fault } from "./values/fault.ts";

/** How many ways out an explanation names. */
const WAYS_MAX = 5;
/** How many policies an explanation lists: those that decided first. */
const POLICIES_MAX = 200;

type Explained = Explanation["policies"][number];

/**
 * Why the verdict is what it is, for people. Costs more than a decision, but no more than a bound that does not grow with the
 * policies: what it leaves out it says. Enforcers ask it for each refusal, so a refused client must not make it dear.
 */
export function explain(
  index: PolicyIndex,
  policies: readonly CompiledPolicy[],
  request: DecisionRequest,
): Explanation {
  const verdict = decide(index, request);
  if (verdict.kind === "deny" && verdict.code === "bad_request") {
    return { verdict, policies: [], wouldAllow: ["a well-formed request"] };
  }
  const askers = request.onBehalfOf === undefined ? [request.principal] : [request.principal, request.onBehalfOf];
  const envs = askers.flatMap((asker) => {
    const env = envOf(request, asker);
    return env instanceof Fault ? [] : [env];
  });
  const considered = consideredIn(index, verdict, envs);
  const ways = verdict.kind === "allow" ? { texts: [], leftOut: [] } : waysOut(verdict, policies, envs);
  const leftOut = [...considered.leftOut, ...ways.leftOut];
  const explanation = { verdict, policies: considered.policies, wouldAllow: ways.texts };
  return leftOut.length === 0 ? explanation : { ...explanation, leftOut };
}

function consideredIn(
  index: PolicyIndex,
  verdict: Verdict,
  envs: readonly Env[],
): { readonly policies: Explained[]; readonly leftOut: readonly string[] } {
  const important = new Set([...verdict.determining, ...verdict.errors.map(({ policyId }) => policyId)]);
  const found = envs.flatMap((env) => index.fitting(env).map((policy) => ({ policy, env })));
  const first = found.filter(({ policy }) => important.has(policy.id));
  const others = found.filter(({ policy }) => !important.has(policy.id));
  const listed = first.concat(others).slice(0, POLICIES_MAX);
  const more = found.length - listed.length;
  return {
    policies: listed.map(({ policy, env }) => explained(policy, env)),
    leftOut: more > 0 ? [`${more} more policies that apply to these entities`] : [],
  };
}

function explained(policy: CompiledPolicy, env: Env): Explained {
  return {
    id: policy.id,
    principal: env.principal.text,
    set: policy.set,
    effect: policy.effect,
    outcome: outcomeText(policy.holds(env)),
    reads: readsOf(policy, env),
  };
}

function outcomeText(outcome: ReturnType<CompiledPolicy["holds"]>): Explained["outcome"] {
  if (typeof outcome !== "boolean") return "error";
  return outcome ? "satisfied" : "not_satisfied";
}

interface Ways {
  readonly texts: string[];
  readonly leftOut: readonly string[];
}

function waysOut(
  verdict: Exclude<Verdict, { kind: "allow" }>,
  policies: readonly CompiledPolicy[],
  envs: readonly Env[],
): Ways {
  if (verdict.kind === "ask") {
    return { texts: verdict.workflows.map((workflow) => `an approval by the workflow "${workflow}"`), leftOut: [] };
  }
  if (verdict.code === "no_permit") {
    const near = envs.map((env) => nearestPermits(policies, env, WAYS_MAX));
    const texts = [...new Set(near.flatMap((each) => each.texts))].slice(0, WAYS_MAX);
    const unseen = Math.max(...near.map((each) => each.unseen));
    return { texts, leftOut: unseen > 0 ? [`${unseen} permits that might be nearer to what was asked`] : [] };
  }
  const determining = new Set(verdict.determining.slice(0, WAYS_MAX));
  const message = new Map(verdict.errors.map((error) => [error.policyId, error.message]));
  const texts = policies
    .filter(({ id }) => determining.has(id))
    .slice(0, WAYS_MAX)
    .map((policy) => wayPast(policy, message.get(policy.id)));
  const more = verdict.determining.length - determining.size;
  return { texts, leftOut: more > 0 ? [`what ${more} more determining policies ask`] : [] };
}

function wayPast({ id, annotations }: CompiledPolicy, failure: string | undefined): string {
  if (failure !== undefined) return `policy "${id}" must be possible to evaluate (${failure})`;
  if (annotations.advice !== undefined) return annotations.advice;
  const [workflow] = annotations.requireApproval;
  if (workflow !== undefined) return `an approval by the workflow "${workflow}", once nothing else forbids it`;
  return `a request to which policy "${id}" does not apply`;
}
