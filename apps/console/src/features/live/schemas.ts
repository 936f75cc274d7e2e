import { z } from "zod";
import { recordFilterSchema, recordRowSchema } from "../audit/schemas.ts";

/** What narrows the feed: the audit filters without times. */
export const liveFilterSchema = recordFilterSchema.omit({ from: true, to: true });

/** Input of `live.stream`. `lastEventId` is sent by the client itself when it reconnects: nothing is missed. */
export const liveInputSchema = liveFilterSchema.extend({ lastEventId: z.string().max(400).nullish() });

/** Input of `live.recent`. */
export const liveRecentInputSchema = liveFilterSchema.extend({ limit: z.number().int().min(1).max(200).default(100) });

/** What a page shows at once, and where to go on streaming from (give it as `lastEventId`). */
export const liveRecentSchema = z.object({ items: z.array(recordRowSchema), lastEventId: z.string() });

/** One event of the feed. The same record id comes again when its outcome is known: replace it in place. */
export const liveEventSchema = z.object({
  record: recordRowSchema,
  update: z.boolean(),
  /** so much happened that records before this one were left out: Audit has them all */
  skipped: z.literal(true).optional(),
});
/** One event of the feed. */
export type LiveEvent = z.infer<typeof liveEventSchema>;
