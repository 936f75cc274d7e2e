import type { IndexKey } from "../snapshot.ts";
import { Bucket } from "./bucket.ts";

type Keys = readonly IndexKey[];

/** What was found for one pair of resource and principal. */
interface Place {
  buckets: readonly Bucket[];
  asked: number;
}

/** How many pairs one action remembers: with merged buckets a few kilobytes each. */
const PAIRS_MAX = 2_048;
/** Buckets up to this many policies are worth merging: their guards then share the reading of what they compare. */
const MERGE_POLICIES_MAX = 64;

/**
 * Remembers the buckets of pairs that were asked before. A pair that comes again gets its small buckets merged into one, so
 * that what several policies compare is read once. Forgotten with the snapshot that the keys belong to, and when full.
 */
export class Remembered {
  readonly #byResource = new Map<Keys, Map<Keys, Place>>();
  #pairs = 0;

  /** The buckets of a pair; undefined when it was not asked before. */
  get(resource: Keys, principal: Keys): readonly Bucket[] | undefined {
    const place = this.#byResource.get(resource)?.get(principal);
    if (place === undefined) return undefined;
    place.asked += 1;
    if (place.asked === 2) place.buckets = merged(place.buckets);
    return place.buckets;
  }

  set(resource: Keys, principal: Keys, buckets: readonly Bucket[]): void {
    if (this.#pairs >= PAIRS_MAX) {
      this.#byResource.clear();
      this.#pairs = 0;
    }
    this.#pairs += 1;
    let byPrincipal = this.#byResource.get(resource);
    if (byPrincipal === undefined) {
      byPrincipal = new Map();
      this.#byResource.set(resource, byPrincipal);
    }
    byPrincipal.set(principal, { buckets, asked: 1 });
  }
}

function merged(buckets: readonly Bucket[]): readonly Bucket[] {
  const small = buckets.filter(({ policies }) => policies.length <= MERGE_POLICIES_MAX);
  if (small.length < 2) return buckets;
  const large = buckets.filter(({ policies }) => policies.length > MERGE_POLICIES_MAX);
  return [new Bucket(small.flatMap(({ policies }) => policies)), ...large];
}
