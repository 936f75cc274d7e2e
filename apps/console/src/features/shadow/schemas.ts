import { z } from "zod";
import { flipKindSchema } from "../policies/impact-schemas.ts";

const text = z.string().max(1_000_000);
/** Cedar text of the three sets. */
const setsSchema = z.object({ guardrails: text, access: text, obligations: text });
/** How long a run may take, in minutes: at most a day. */
export const RUN_MINUTES_MAX = 1_440;

/** How a verdict differs. */
export type FlipKind = z.infer<typeof flipKindSchema>;

/** Input of `shadow.start`. */
export const startRunInputSchema = z.object({
  sets: setsSchema,
  note: z.string().trim().max(500).default(""),
  minutes: z.number().int().min(1).max(RUN_MINUTES_MAX),
});
/** The run that was started. */
export const startedRunSchema = z.object({ id: z.uuid(), number: z.number().int() });
/** Input of everything that names a run. */
export const runInputSchema = z.object({ id: z.uuid() });

/** One run. Times are ISO 8601 in UTC. */
export const runRowSchema = z.object({
  id: z.uuid(),
  number: z.number().int(),
  note: z.string(),
  author: z.object({ handle: z.string(), name: z.string() }).nullable(),
  /** the version in force when it began */
  baseVersion: z.number().int(),
  state: z.enum(["running", "ended", "stopped"]),
  startedAt: z.string(),
  endsAt: z.string(),
  stoppedAt: z.string().nullable(),
  /** exchanges that the candidate decided too, and how many of them would be answered differently */
  decided: z.number(),
  flips: z.number(),
});
/** One run. */
export type RunRow = z.infer<typeof runRowSchema>;
/** The newest runs. */
export const runListSchema = z.object({ items: z.array(runRowSchema) });

/** Exchanges that flip alike. Names are Cedar's: `Agent::"copilot"`. */
export const flipGroupSchema = z.object({
  kind: flipKindSchema,
  policies: z.array(z.string()),
  principal: z.string(),
  /** empty for whoever acts alone */
  onBehalfOf: z.string(),
  action: z.string(),
  resource: z.string(),
  count: z.number().int().nonnegative(),
  /** ids of records */
  exchangeIds: z.array(z.string()),
});
/** Exchanges that flip alike. */
export type FlipGroup = z.infer<typeof flipGroupSchema>;

const totalsSchema = z.object({
  decided: z.number(),
  repeated: z.number(),
  dropped: z.number(),
  unreplayable: z.number(),
  failed: z.number(),
  flips: z.number(),
  /** flips that are in no group because there were too many different ones */
  ungrouped: z.number(),
});

/** What one enforcer does with the candidate. */
export const runEnforcerSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  site: z.string(),
  state: z.enum(["too_old", "offline", "waiting", "loading", "running", "ended", "stopped", "refused", "failed"]),
  /** what is wrong and what to do; null when nothing is */
  problem: z.string().nullable(),
  decided: z.number(),
  flips: z.number(),
  dropped: z.number(),
  /** mean time the candidate took per decision, in microseconds; null before the first */
  meanUs: z.number().nullable(),
  reportedAt: z.string().nullable(),
  /** how often its process started again during the run */
  restarts: z.number().int(),
});

/** One run with all that enforcers reported. */
export const runDetailSchema = runRowSchema.extend({
  sets: setsSchema,
  base: setsSchema.nullable(),
  /** versions that were published while it ran: it is always compared with what is in force */
  publishedMeanwhile: z.array(z.number().int()),
  totals: totalsSchema,
  groups: z.array(flipGroupSchema),
  enforcers: z.array(runEnforcerSchema),
});
/** One run with all that enforcers reported. */
export type RunDetail = z.infer<typeof runDetailSchema>;
