import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Replays recorded decisions through a candidate. The row is the source: a job that is lost is queued again. */
export const impactJob = defineJob("policies.impact", z.object({ orgId: z.uuid(), impactId: z.uuid() }), {
  attemptsMax: 2,
  backoffMs: 1_000,
});
