import type { Db } from "@sluice/db";
import { handleJob, type JobHandler, JobNotYet } from "@sluice/jobs";
import { logger } from "@sluice/telemetry";
import type { Deps } from "../../../server/deps.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { ingestBatch } from "../server/ingest-batch.ts";
import { noteRefusedRecords } from "../server/note-refused-records.ts";
import { ingestJob } from "./ingest.job.ts";

const log = logger("worker.ingest");
const CONCURRENCY = 4;

/**
 * Stores batches and wakes the control process that holds the stream, which acknowledges. A gap is tried again, as an
 * earlier batch may be running beside; a refused batch is not: the console shows either on the enforcer.
 */
export function ingestHandler(db: Db, deps: Deps): JobHandler {
  return handleJob(
    ingestJob,
    async (payload, { attempt }) => {
      const { orgId, enforcerId, firstSeq, lastSeq } = payload;
      const bytes = (text: string) => Buffer.from(text, "base64");
      const stored = await ingestBatch(db, {
        orgId,
        enforcerId,
        firstSeq,
        lastSeq,
        payloadZstd: bytes(payload.payloadZstd),
        head: bytes(payload.head),
        signature: bytes(payload.signature),
        previous: bytes(payload.previous),
      });
      if (stored.ok) {
        log.debug({ orgId, enforcerId, firstSeq, lastSeq, repeated: stored.value.repeated }, "records.committed");
        return wakeOrg(deps, orgId);
      }
      const gap = stored.error.code === "ingest.gap";
      if (gap && attempt < ingestJob.attemptsMax) throw new JobNotYet(stored.error.internal);
      log.error({ orgId, enforcerId, firstSeq, lastSeq, reason: stored.error.internal }, "records.refused");
      const now = new Date(deps.clock.now());
      await db.withOrg(orgId, (tx) => noteRefusedRecords(tx, { ...payload, reason: stored.error.public }, now));
      await wakeOrg(deps, orgId);
    },
    { concurrency: CONCURRENCY },
  );
}
