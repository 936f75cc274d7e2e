import { err, ok, type Result, type TaggedError } from "@sluice/kernel";

/** Thrown to leave a transaction without a trace; never leaves `refusable`. */
class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: TaggedError;
  constructor(refusal: TaggedError) {
    super(refusal.internal);
    this.refusal = refusal;
  }
}

/**
 * Runs work that may have to undo what it wrote: calling `refuse` inside a transaction rolls it back, and the refusal is
 * the result. Everything else that is thrown goes on.
 */
export async function refusable<T>(
  work: (refuse: (refusal: TaggedError) => never) => Promise<T>,
): Promise<Result<T, TaggedError>> {
  try {
    return ok(
      await work((refusal) => {
        throw new Refused(refusal);
      }),
    );
  } catch (error) {
    if (error instanceof Refused) return err(error.refusal);
    throw error;
  }
}
