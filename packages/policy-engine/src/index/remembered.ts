import type { Env } from "../compile/env.ts";
import type { IndexKey } from "../snapshot.ts";
import type { Bucket } from "./bucket.ts";
import { type PathReaders, Plan } from "./plan.ts";
import { type Question, settle } from "./question.ts";

type Keys = readonly IndexKey[];
type ByKeys = Map<Keys, Map<Keys, Map<Keys, Place>>>;

/** What was found for one action, resource and principal: where policies stand, and once asked for again how to ask them. */
interface Place {
  readonly buckets: readonly Bucket[];
  plans: readonly Plan[];
  asked: number;
}

/** How many triples one half of the memory holds, and how many policies their own plans may hold together. */
const TRIPLES_MAX = 4_096;
const POLICIES_MAX = 262_144;
/** Buckets up to this many policies are taken apart for a triple of their own when it comes again. */
const SMALL_POLICIES_MAX = 64;
/** A triple asked for so often has the larger buckets gone through as well: it takes long, and then saves some each time. */
const OFTEN = 16;
/** How many policies a triple's own plan holds at most. */
const PLAN_POLICIES_MAX = 512;

/**
 * Remembers what was found for action, resource and principal. A triple that comes again gets a plan of its own: what the
 * three alone tell is settled once, and its small buckets are asked together. Two halves: when the younger one is full the
 * older is forgotten, so what is in use stays.
 */
export class Remembered {
  readonly #readers: PathReaders;
  #young: ByKeys = new Map();
  #old: ByKeys = new Map();
  #triples = 0;
  #policies = 0;

  constructor(readers: PathReaders) {
    this.#readers = readers;
  }

  /** The plans of a triple; undefined when it was not asked before. The keys are those of the entities in `env`. */
  get(action: Keys, resource: Keys, principal: Keys, env: Env): readonly Plan[] | undefined {
    const place = this.#young.get(action)?.get(resource)?.get(principal) ?? this.#kept(action, resource, principal);
    if (place === undefined) return undefined;
    place.asked += 1;
    if (place.asked === 2) this.#plan(place, env, SMALL_POLICIES_MAX);
    else if (place.asked === OFTEN) this.#plan(place, env, Infinity);
    return place.plans;
  }

  #plan(place: Place, env: Env, bucketMax: number): void {
    place.plans = plansFor(place.buckets, { env, readers: this.#readers, bucketMax });
    this.#policies += place.plans[0]?.size ?? 0;
  }

  set(action: Keys, resource: Keys, principal: Keys, buckets: readonly Bucket[]): void {
    this.#put(action, resource, principal, { buckets, plans: [], asked: 1 });
  }

  #kept(action: Keys, resource: Keys, principal: Keys): Place | undefined {
    const place = this.#old.get(action)?.get(resource)?.get(principal);
    if (place !== undefined) this.#put(action, resource, principal, place);
    return place;
  }

  #put(action: Keys, resource: Keys, principal: Keys, place: Place): void {
    if (this.#triples >= TRIPLES_MAX || this.#policies >= POLICIES_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#triples = 0;
      this.#policies = 0;
    }
    this.#triples += 1;
    const [own] = place.plans;
    this.#policies += own?.size ?? 0;
    let byResource = this.#young.get(action);
    if (byResource === undefined) this.#young.set(action, (byResource = new Map()));
    let byPrincipal = byResource.get(resource);
    if (byPrincipal === undefined) byResource.set(resource, (byPrincipal = new Map()));
    byPrincipal.set(principal, place);
  }
}

/** The triple's own plan first, then what it shares with others. */
function plansFor(
  buckets: readonly Bucket[],
  { env, readers, bucketMax }: { readonly env: Env; readonly readers: PathReaders; readonly bucketMax: number },
): readonly Plan[] {
  const own: Question[] = [];
  const shared: Plan[] = [];
  for (const bucket of buckets) {
    const small = bucket.policies.length <= SMALL_POLICIES_MAX;
    if (bucket.policies.length > bucketMax) {
      shared.push(bucket.plan);
      continue;
    }
    const settled = (small ? bucket.policies : bucket.parts.settling).flatMap((policy) => settle(policy, env) ?? []);
    if (own.length + settled.length > PLAN_POLICIES_MAX) {
      shared.push(bucket.plan);
      continue;
    }
    own.push(...settled);
    if (!small) shared.push(bucket.parts.plan);
  }
  return [new Plan(own, readers), ...shared];
}
