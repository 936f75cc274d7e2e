import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { loadCedar, sluiceActions } from "@sluice/policy-engine";
import { requestOf, type VectorRequest } from "../../self-check.ts";

/** What a policy says to a request. */
export type Outcome = "satisfied" | "not_satisfied" | "error";

/** A policy by a name that is unique in its set. */
export interface NamedPolicy {
  readonly name: string;
  readonly json: cedar.PolicyJson;
}

/** A policy to which the two engines answer differently. */
export interface EngineDifference {
  readonly name: string;
  readonly vector: VectorRequest;
  readonly official: Outcome;
  readonly ours: Outcome;
}

const actions: cedar.EntityJson[] = sluiceActions().map(({ uid, parents }) => ({
  uid: { type: "Action", id: uid.id },
  attrs: {},
  parents: parents.map(({ id }) => ({ type: "Action", id })),
}));

/** Answers of the official engine for policies of one effect: with another effect among them it would name only some. */
export function officialOutcomes(
  policies: readonly NamedPolicy[],
  vectors: readonly VectorRequest[],
): Map<string, Outcome>[] {
  const staticPolicies = Object.fromEntries(policies.map(({ name, json }) => [name, json]));
  const ready = cedar.preparsePolicySet("self-check", { staticPolicies });
  if (ready.type === "failure") throw new Error("cedar-wasm refused policies that it made", { cause: ready.errors });
  return vectors.map((vector) => {
    const answer = cedar.statefulIsAuthorized({
      principal: vector.principal,
      action: { type: "Action", id: vector.action },
      resource: vector.resource,
      context: json(vector.context),
      entities: json([...vector.entities, ...actionsOf(vector.action)]),
      preparsedPolicySetId: "self-check",
    });
    if (answer.type === "failure") throw new Error("cedar-wasm refused a vector", { cause: answer.errors });
    const { reason, errors } = answer.response.diagnostics;
    return outcomes(
      policies,
      reason,
      errors.map(({ policyId }) => policyId),
    );
  });
}

/** Answers of our engine, asked the same. */
export function ownOutcomes(
  policies: readonly NamedPolicy[],
  vectors: readonly VectorRequest[],
): Map<string, Outcome>[] {
  const staticPolicies = Object.fromEntries(policies.map(({ name, json: policy }) => [name, policy]));
  const engine = unwrap(loadCedar({ staticPolicies }));
  return vectors.map((vector) => {
    const { reasons, errors } = engine.authorize(unwrap(requestOf(vector)));
    return outcomes(
      policies,
      reasons,
      errors.map(({ policyId }) => policyId),
    );
  });
}

/** The first answer in which the two differ, if any. */
export function firstDifference(
  vectors: readonly VectorRequest[],
  official: readonly ReadonlyMap<string, Outcome>[],
  ours: readonly ReadonlyMap<string, Outcome>[],
): EngineDifference | undefined {
  for (const [at, vector] of vectors.entries()) {
    for (const [name, theirs] of official[at] ?? []) {
      const own = ours[at]?.get(name) ?? "not_satisfied";
      if (own !== theirs) return { name, vector, official: theirs, ours: own };
    }
  }
  return undefined;
}

function outcomes(
  policies: readonly NamedPolicy[],
  satisfied: readonly string[],
  errors: readonly string[],
): Map<string, Outcome> {
  const found = new Map<string, Outcome>(policies.map(({ name }) => [name, "not_satisfied"]));
  for (const name of satisfied) found.set(name, "satisfied");
  for (const name of errors) found.set(name, "error");
  return found;
}

/** The action with its groups: all the official engine needs of them. */
function actionsOf(id: string): cedar.EntityJson[] {
  const chosen = new Map<string, cedar.EntityJson>();
  const add = (wanted: string) => {
    const action = actions.find(({ uid }) => "id" in uid && uid.id === wanted);
    if (action === undefined || chosen.has(wanted)) return;
    chosen.set(wanted, action);
    for (const parent of action.parents) if ("id" in parent) add(parent.id);
  };
  add(id);
  return [...chosen.values()];
}

/** Vectors are JSON by construction; cedar-wasm's types want it said. */
function json<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value));
}
