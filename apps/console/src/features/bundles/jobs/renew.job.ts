import { defineJob } from "@sluice/jobs";
import { z } from "zod";

/** Builds bundles whose lease is half over, and any that a change should have built and did not. */
export const renewBundlesJob = defineJob("bundles.renew", z.object({}), { attemptsMax: 2, backoffMs: 5_000 });
