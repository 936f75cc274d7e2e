import type { Env } from "../compile/env.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Constraint } from "../compile/scope.ts";
import { anyKey, type IndexKey } from "../snapshot.ts";
import type { Uid } from "../values/uid.ts";

type ByPrincipal = Map<IndexKey, CompiledPolicy[]>;
type ByResource = Map<IndexKey, ByPrincipal>;

/** How many actions keep their part of the index at hand. */
const ACTIONS_MAX = 1_024;

/**
 * Finds the policies that can apply to a request: by action, then by the resource's ancestors, then by the principal's.
 * A policy stands under the narrowest key of each part of its scope; a candidate is still asked for its whole scope, so
 * the index can only save work, never change an answer.
 */
export class PolicyIndex {
  readonly #byAction = new Map<IndexKey, CompiledPolicy[]>();
  readonly #forAction = new Map<readonly IndexKey[], ByResource>();

  constructor(policies: Iterable<CompiledPolicy>) {
    for (const policy of policies) {
      for (const key of keysOf(policy.scope.action)) append(this.#byAction, key, policy);
    }
  }

  /** Calls `visit` for every candidate, each once. */
  visit(env: Env, visit: (policy: CompiledPolicy) => void): void {
    const byResource = this.#resourcesFor(env);
    const principalKeys = env.principalNode?.keys ?? absentKeys(env.principal);
    for (const resourceKey of env.resourceNode?.keys ?? absentKeys(env.resource)) {
      const byPrincipal = byResource.get(resourceKey);
      if (byPrincipal === undefined) continue;
      for (const principalKey of principalKeys) {
        const policies = byPrincipal.get(principalKey);
        if (policies !== undefined) for (const policy of policies) visit(policy);
      }
    }
  }

  #resourcesFor(env: Env): ByResource {
    if (env.actionNode === undefined) return this.#gather(absentKeys(env.action));
    const known = this.#forAction.get(env.actionNode.keys);
    if (known !== undefined) return known;
    const byResource = this.#gather(env.actionNode.keys);
    if (this.#forAction.size >= ACTIONS_MAX) this.#forAction.clear();
    this.#forAction.set(env.actionNode.keys, byResource);
    return byResource;
  }

  #gather(actionKeys: readonly IndexKey[]): ByResource {
    const candidates = new Set<CompiledPolicy>();
    for (const key of actionKeys) for (const policy of this.#byAction.get(key) ?? []) candidates.add(policy);
    const byResource: ByResource = new Map();
    for (const policy of candidates) insert(byResource, policy);
    return byResource;
  }
}

function insert(byResource: ByResource, policy: CompiledPolicy): void {
  for (const resourceKey of keysOf(policy.scope.resource)) {
    let byPrincipal = byResource.get(resourceKey);
    if (byPrincipal === undefined) {
      byPrincipal = new Map();
      byResource.set(resourceKey, byPrincipal);
    }
    for (const principalKey of keysOf(policy.scope.principal)) append(byPrincipal, principalKey, policy);
  }
}

function append(map: Map<IndexKey, CompiledPolicy[]>, key: IndexKey, policy: CompiledPolicy): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [policy]);
  else list.push(policy);
}

/** Where a constraint stands in the index. */
function keysOf(constraint: Constraint): readonly IndexKey[] {
  switch (constraint.kind) {
    case "any":
      return [anyKey];
    case "equals":
      return [constraint.uid];
    case "within":
      return constraint.uids;
    case "typed":
      return [constraint.within ?? constraint.type];
  }
}

function absentKeys(uid: Uid): readonly IndexKey[] {
  return [uid, uid.type, anyKey];
}
