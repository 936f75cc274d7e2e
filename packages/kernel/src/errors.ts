/** Whether trying the same thing again can help. */
export type Retry = "never" | "later" | "after-change";

/**
 * An expected failure. `code` is stable and machine-readable (`area.reason`), `internal` goes to the log,
 * `public` may be shown to whoever asked and holds no secrets, statement text or foreign tenant's names.
 */
export interface TaggedError<Code extends string = string> {
  readonly code: Code;
  readonly internal: string;
  readonly public: string;
  readonly retry: Retry;
}

/** Builds a tagged error; `internal` defaults to the public text. */
export function taggedError<Code extends string>(
  code: Code,
  publicText: string,
  options: { internal?: string; retry?: Retry } = {},
): TaggedError<Code> {
  return { code, public: publicText, internal: options.internal ?? publicText, retry: options.retry ?? "never" };
}
