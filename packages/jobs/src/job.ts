import type { z } from "zod";

/** One kind of background work: its name, the form of its payload and how it is tried again. */
export interface JobDefinition<Schema extends z.ZodType = z.ZodType> {
  /** also the queue's name: letters, digits, "-" and "." */
  readonly name: string;
  readonly schema: Schema;
  /** tries in all, the first included */
  readonly attemptsMax: number;
  /** wait before the second try; doubles each time up to `backoffMsMax` */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
}

/** How a job is tried again when its handler throws. */
export interface RetryRule {
  readonly attemptsMax: number;
  readonly backoffMs: number;
  readonly backoffMsMax?: number;
}

/** Defines a job. The payload is parsed when it is queued and again when it runs: what waits in Redis is not trusted. */
export function defineJob<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  retry: RetryRule,
): JobDefinition<Schema> {
  if (!/^[a-z][a-z0-9.-]{0,62}$/.test(name)) throw new TypeError(`not a job name: ${name}`);
  if (retry.attemptsMax < 1 || retry.backoffMs < 1) throw new RangeError(`job ${name} needs a try and a wait`);
  return { name, schema, ...retry, backoffMsMax: retry.backoffMsMax ?? 30_000 };
}

/** What a handler may know of its run. */
export interface JobRun {
  /** from 1 */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** A job with its handler, the payload's type closed over. */
export interface JobHandler {
  readonly definition: JobDefinition;
  /** Parses, then runs. Throws when the payload does not have the form (never tried again) or the work fails. */
  readonly run: (payload: unknown, run: JobRun) => Promise<void>;
  /** runs at once in one process */
  readonly concurrency: number;
}

/** Thrown by a handler whose turn has not come: the job runs again after its backoff, and nothing is said to have failed. */
export class JobNotYet extends Error {
  override readonly name = "JobNotYet";
}

/** The payload in a queue does not have its job's form: trying again cannot help. */
export class BadJobPayload extends Error {
  override readonly name = "BadJobPayload";
}

/** Binds a handler to a job. */
export function handleJob<Schema extends z.ZodType>(
  definition: JobDefinition<Schema>,
  handler: (payload: z.output<Schema>, run: JobRun) => Promise<void>,
  options: { readonly concurrency?: number } = {},
): JobHandler {
  return {
    definition,
    concurrency: options.concurrency ?? 1,
    run: async (payload, run) => {
      const parsed = definition.schema.safeParse(payload);
      if (!parsed.success) throw new BadJobPayload(`job ${definition.name}: ${parsed.error.message}`);
      await handler(parsed.data, run);
    },
  };
}
