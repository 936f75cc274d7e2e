/** Waits of a reconnect: full jitter, so that a thousand enforcers do not come back in one second. */
export interface Backoff {
  /** milliseconds until the next try: uniform between 0 and the current ceiling, which doubles */
  next(): number;
  /** after a success */
  reset(): void;
}

/** Full jitter between 0 and a ceiling that grows from `firstMs` to `maxMs`. */
export function fullJitter(options: { firstMs: number; maxMs: number; random?: () => number }): Backoff {
  const random = options.random ?? Math.random;
  let ceiling = options.firstMs;
  return {
    next: () => {
      const wait = Math.round(random() * ceiling);
      ceiling = Math.min(options.maxMs, ceiling * 2);
      return wait;
    },
    reset: () => {
      ceiling = options.firstMs;
    },
  };
}
