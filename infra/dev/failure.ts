/** Something that keeps Sluice from coming up: what happened and what to do next. Shown without a stack trace. */
export class UpFailure extends Error {
  override readonly name = "UpFailure";
  readonly nextStep: string;
  readonly detail: string | undefined;
  constructor(message: string, nextStep: string, options: { readonly cause?: unknown; readonly detail?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.nextStep = nextStep;
    this.detail = options.detail;
  }
}

/** An error's message with those of its causes, shortest form that a person can act on. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const own = error.message || (error instanceof AggregateError ? "" : error.name);
  return [own, inner === undefined ? "" : reasonOf(inner)].filter(Boolean).join(": ");
}
