/** Ends the unit of work on a broken invariant: a bug, never bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The type of every broken invariant. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Proves at compile time that a closed choice was matched exhaustively. */
export function assertNever(value: never, what = "value"): never {
  throw new AssertionError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
