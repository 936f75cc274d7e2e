import type { Result, TaggedError } from "@sluice/kernel";

/** What every use case answers: a value or an expected refusal. Failures of the world throw. */
export type Answer<T> = Promise<Result<T, TaggedError>>;
