import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Makes the coming months' partitions of `record`. Without it rows go to the default partition: slower, not lost. */
export const partitionsJob = defineJob("records.partitions", z.object({}), { attemptsMax: 5, backoffMs: 10_000 });
