/** Work cut into steps: each yields how much of it is done with that step, in the work's own unit. */
export type Steps<Result> = Generator<number, Result, void>;

/** How long steps run before others get their turn. */
const SLICE_MS = 12;

/** Runs all steps at once. */
export function drain<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Told what is done so far, in the work's own unit. */
export type OnDone = (done: number) => void;

/**
 * Runs steps in slices of about 12 ms, and one step at least; between two slices the event loop serves whatever waits. `onDone` is
 * called after each slice.
 */
export async function inSlices<Result>(steps: Steps<Result>, onDone: OnDone = () => undefined): Promise<Result> {
  let done = 0;
  let sliceEndMs = performance.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    done += step.value;
    if (performance.now() < sliceEndMs) continue;
    onDone(done);
    await new Promise((resume) => setImmediate(resume));
    sliceEndMs = performance.now() + SLICE_MS;
  }
}
