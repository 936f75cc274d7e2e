import { defineJob } from "@sluice/jobs";
import { z } from "zod";

const base64 = z.base64();

/** One batch of records on its way into the database. The enforcer keeps it until it is committed. */
export const ingestJob = defineJob(
  "records.ingest",
  z.object({
    orgId: z.uuid(),
    enforcerId: z.uuid(),
    firstSeq: z.number().int().positive(),
    lastSeq: z.number().int().positive(),
    payloadZstd: base64,
    head: base64,
    signature: base64,
    previous: base64,
  }),
  { attemptsMax: 8, backoffMs: 50, backoffMsMax: 2_000 },
);
