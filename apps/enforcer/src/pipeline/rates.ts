import type { Clock } from "@sluice/kernel";

/** A minute in whole seconds, and the one that is not over: never more than the limit in any 60 seconds. */
const SLOTS = 61;
const PRINCIPALS_MAX = 10_000;
/** Different limits that one principal can be under at a time. */
const LIMITS_MAX = 16;

/** Why a rate refuses, and after how many seconds it would not, if nothing else comes. */
interface RateExcess {
  readonly limit: number;
  readonly retryAfterS: number;
}

/**
 * Counts the exchanges of each principal on one resource in a sliding minute. An exchange is counted against its own limit
 * and against every larger one that the principal is under, and needs room in all of them. At most 10,000 principals times
 * 16 limits of 61 counters each are kept; when all of them are busy, others are refused rather than forgotten.
 */
export class RateTable {
  readonly #clock: Clock;
  readonly #principalsMax: number;
  /** least recently used first */
  readonly #windows = new Map<string, Map<number, SlidingMinute>>();

  constructor(clock: Clock, principalsMax = PRINCIPALS_MAX) {
    this.#clock = clock;
    this.#principalsMax = principalsMax;
  }

  /** Takes one exchange of this principal; answers why not when the limit (per minute) is reached. Refused ones do not count. */
  take(principal: string, limit: number): RateExcess | undefined {
    const second = Math.floor(this.#clock.monotonic() / 1_000);
    const windows = this.#windowsOf(principal, limit, second);
    if (!windows) return { limit, retryAfterS: SLOTS };
    const counting = [...windows].filter(([other]) => other >= limit);
    let excess: RateExcess | undefined;
    for (const [other, window] of counting) {
      const retryAfterS = window.waitS(second, other);
      if (retryAfterS > (excess?.retryAfterS ?? 0)) excess = { limit: other, retryAfterS };
    }
    if (excess) return excess;
    for (const [, window] of counting) window.add(second);
    return undefined;
  }

  get size(): number {
    return this.#windows.size;
  }

  #windowsOf(principal: string, limit: number, second: number): Map<number, SlidingMinute> | undefined {
    const windows = this.#windows.get(principal) ?? new Map<number, SlidingMinute>();
    if (!this.#windows.delete(principal) && this.#windows.size >= this.#principalsMax && !this.#evict(second))
      return undefined;
    this.#windows.set(principal, windows);
    if (windows.has(limit)) return windows;
    for (const [other, window] of windows) if (window.isEmpty(second)) windows.delete(other);
    if (windows.size >= LIMITS_MAX) return undefined;
    return windows.set(limit, new SlidingMinute());
  }

  /** Forgets the principal that asked longest ago, if none of its exchanges counts any more. */
  #evict(second: number): boolean {
    const [oldest] = this.#windows;
    if (!oldest || ![...oldest[1].values()].every((window) => window.isEmpty(second))) return false;
    return this.#windows.delete(oldest[0]);
  }
}

class SlidingMinute {
  readonly #counts = new Uint32Array(SLOTS);
  #newest = 0;
  #total = 0;

  add(second: number): void {
    this.#moveTo(second);
    const slot = second % SLOTS;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#total++;
  }

  isEmpty(second: number): boolean {
    this.#moveTo(second);
    return this.#total === 0;
  }

  /** Seconds until one more fits; 0 when it does now. */
  waitS(second: number, limit: number): number {
    this.#moveTo(second);
    let left = this.#total;
    for (let waited = 0; waited < SLOTS; waited++) {
      if (left < limit) return waited;
      left -= this.#counts[(second + 1 + waited) % SLOTS] ?? 0;
    }
    return SLOTS;
  }

  #moveTo(second: number): void {
    const from = Math.max(this.#newest + 1, second - SLOTS + 1);
    for (let passed = from; passed <= second; passed++) {
      const slot = passed % SLOTS;
      this.#total -= this.#counts[slot] ?? 0;
      this.#counts[slot] = 0;
    }
    this.#newest = Math.max(this.#newest, second);
  }
}
