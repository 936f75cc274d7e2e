import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Goes on with replays that were lost, ends publish requests whose time is over, removes old results. */
export const tendPublishingJob = defineJob("policies.tend-publishing", z.object({}), {
  attemptsMax: 1,
  backoffMs: 1_000,
});
