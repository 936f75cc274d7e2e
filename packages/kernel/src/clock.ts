/** The only way code below the composition root learns the time. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start, never goes back. */
  monotonic(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** A clock that moves only when told to, for tests. */
export function manualClock(startMs = 1_760_000_000_000): Clock & { advance(ms: number): void } {
  let at = startMs;
  return { now: () => at, monotonic: () => at - startMs, advance: (ms) => void (at += ms) };
}
