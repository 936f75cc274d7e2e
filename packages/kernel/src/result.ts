/** The outcome of something that may be refused. Expected refusals are values; only bugs throw. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Wraps a success. */
export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

/** Wraps an expected refusal. */
export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/** The value of a result that cannot be an error here; a wrong belief is a bug and throws with the error as cause. */
export function unwrap<T, E>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  throw new Error("unwrapped an error result", { cause: result.error });
}
