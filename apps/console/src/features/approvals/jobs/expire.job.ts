import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Ends asks whose time is over. Runs every few seconds; what one run misses the next does. */
export const expireApprovalsJob = defineJob("approvals.expire", z.object({}), { attemptsMax: 1, backoffMs: 1_000 });
