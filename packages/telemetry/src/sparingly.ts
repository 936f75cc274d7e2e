/**
 * Reports the first of many equal events and then at most one in `everyMs`, with how many were left out: a dependency that
 * is away fails every second, and one line in a while says as much.
 */
export function sparingly<T>(everyMs: number, report: (event: T, leftOut: number) => void): (event: T) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let leftOut = 0;
  return (event) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < everyMs) {
      leftOut += 1;
      return;
    }
    lastMs = nowMs;
    report(event, leftOut);
    leftOut = 0;
  };
}
