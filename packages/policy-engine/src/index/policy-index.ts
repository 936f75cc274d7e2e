import type { Env } from "../compile/env.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Constraint } from "../compile/scope.ts";
import { Outcome } from "../evaluate.ts";
import { anyKey, type IndexKey, keysWithoutAncestors } from "../snapshot.ts";
import { Bucket } from "./bucket.ts";
import { indexScope } from "./narrow.ts";
import { PathReaders } from "./plan.ts";
import { Remembered } from "./remembered.ts";

type Keys = readonly IndexKey[];
type ByResource = ReadonlyMap<IndexKey, ReadonlyMap<IndexKey, Bucket>>;

/** How many actions keep their part of the index at hand. */
const ACTIONS_MAX = 1_024;

/**
 * Finds the policies that can apply to a request: by action, then by the resource's ancestors, then by the principal's,
 * then by what their conditions compare with literals first. A policy stands under exactly one key for each part of its
 * scope, and the keys say all that the scope asks: what is found fits, once; what is not found does not fit.
 */
export class PolicyIndex {
  readonly #byAction = new Map<IndexKey, CompiledPolicy[]>();
  readonly #parts = new Map<Keys, ByResource>();
  readonly #readers = new PathReaders();
  readonly #remembered = new Remembered(this.#readers);

  constructor(policies: Iterable<CompiledPolicy>) {
    for (const policy of policies) {
      for (const key of keysOf(policy.scope.action)) append(this.#byAction, key, policy);
    }
  }

  /** What every policy says whose scope fits; those that a comparison with a literal rules out are not even asked. */
  evaluate(env: Env): Outcome {
    const outcome = new Outcome(env);
    const action = env.actionNode?.keys ?? keysWithoutAncestors(env.action);
    const resource = env.resourceNode?.keys ?? keysWithoutAncestors(env.resource);
    const principal = env.principalNode?.keys ?? keysWithoutAncestors(env.principal);
    const plans = this.#remembered.get(action, resource, principal, env);
    if (plans !== undefined) {
      for (const plan of plans) plan.askInto(outcome, env);
      return outcome;
    }
    const buckets = this.#bucketsFor(action, resource, principal);
    this.#remembered.set(action, resource, principal, buckets);
    for (const { plan } of buckets) plan.askInto(outcome, env);
    return outcome;
  }

  /** Every policy whose scope fits. */
  fitting(env: Env): CompiledPolicy[] {
    const action = env.actionNode?.keys ?? keysWithoutAncestors(env.action);
    const resource = env.resourceNode?.keys ?? keysWithoutAncestors(env.resource);
    const principal = env.principalNode?.keys ?? keysWithoutAncestors(env.principal);
    return this.#bucketsFor(action, resource, principal).flatMap(({ policies }) => policies);
  }

  #bucketsFor(action: Keys, resource: Keys, principal: Keys): Bucket[] {
    const principals = new KeySet(principal);
    const buckets: Bucket[] = [];
    for (const byPrincipal of new KeySet(resource).among(this.#partFor(action))) {
      for (const bucket of principals.among(byPrincipal)) buckets.push(bucket);
    }
    return buckets;
  }

  #partFor(actionKeys: Keys): ByResource {
    const known = this.#parts.get(actionKeys);
    if (known !== undefined) return known;
    const part = this.#gather(actionKeys);
    if (this.#parts.size >= ACTIONS_MAX) this.#parts.clear();
    this.#parts.set(actionKeys, part);
    return part;
  }

  #gather(actionKeys: Keys): ByResource {
    const candidates = new Set<CompiledPolicy>();
    for (const key of actionKeys) for (const policy of this.#byAction.get(key) ?? []) candidates.add(policy);
    const places = new Map<IndexKey, Map<IndexKey, CompiledPolicy[]>>();
    for (const policy of candidates) place(places, policy);
    const byResource = new Map<IndexKey, ReadonlyMap<IndexKey, Bucket>>();
    for (const [resourceKey, byPrincipal] of places) {
      const buckets = [...byPrincipal].map(([key, policies]) => [key, new Bucket(policies, this.#readers)] as const);
      byResource.set(resourceKey, new Map(buckets));
    }
    return byResource;
  }
}

/** The keys that fit an entity, looked for in a map from whichever side is smaller: deep hierarchies must not multiply. */
class KeySet {
  readonly #keys: Keys;
  #set: ReadonlySet<IndexKey> | undefined;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** What the map holds for any of the keys. */
  *among<Found>(map: ReadonlyMap<IndexKey, Found>): Generator<Found> {
    if (this.#keys.length <= map.size) {
      for (const key of this.#keys) {
        const found = map.get(key);
        if (found !== undefined) yield found;
      }
      return;
    }
    this.#set ??= new Set(this.#keys);
    for (const [key, found] of map) if (this.#set.has(key)) yield found;
  }
}

function place(places: Map<IndexKey, Map<IndexKey, CompiledPolicy[]>>, policy: CompiledPolicy): void {
  const { principal, resource } = indexScope(policy);
  for (const resourceKey of keysOf(resource)) {
    let byPrincipal = places.get(resourceKey);
    if (byPrincipal === undefined) {
      byPrincipal = new Map();
      places.set(resourceKey, byPrincipal);
    }
    for (const principalKey of keysOf(principal)) append(byPrincipal, principalKey, policy);
  }
}

function append(map: Map<IndexKey, CompiledPolicy[]>, key: IndexKey, policy: CompiledPolicy): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [policy]);
  else list.push(policy);
}

/** Where a constraint stands in the index; several keys only for actions. */
function keysOf(constraint: Constraint): Keys {
  switch (constraint.kind) {
    case "any":
      return [anyKey];
    case "equals":
      return [constraint.uid.self];
    case "within":
      return constraint.uids;
    case "typed":
      return [constraint.within ?? constraint.type];
  }
}
