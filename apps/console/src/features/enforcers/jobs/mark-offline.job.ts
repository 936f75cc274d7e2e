import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Marks enforcers that nothing was heard from; a control process that was killed could not say so. */
export const markOfflineJob = defineJob("enforcers.mark-offline", z.object({}), { attemptsMax: 1, backoffMs: 1_000 });
