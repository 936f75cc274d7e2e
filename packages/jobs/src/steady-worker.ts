import { logger } from "@sluice/telemetry";
import { type Job, type JobJson, Worker } from "bullmq";

const log = logger("jobs");
/** Fields of a job's hash that BullMQ reads as JSON before it says which job it is reading. */
const JSON_FIELDS = ["opts", "progress", "parent"] as const;

/**
 * BullMQ's worker, but for jobs that cannot be read: by itself it takes one whose fields are not JSON again and again for
 * ever, as it throws before it has a job that could fail. Here such a job fails as any other with a bad payload.
 */
export class SteadyWorker extends Worker {
  /** A payload that is not JSON comes as null, which no job's schema takes. */
  protected override createJob(data: JobJson, jobId: string): Job {
    try {
      return super.createJob(data, jobId);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return super.createJob({ ...data, data: "null" }, jobId);
    }
  }

  /**
   * Makes a job that nobody finished readable where it was not. What stood there is lost, the payload too: the job fails when
   * it is taken the next time.
   */
  async mend(jobId: string): Promise<void> {
    const client = await this.backend.client;
    const key = this.toKey(jobId);
    const stored = await client.hgetall(key);
    const fields = JSON_FIELDS.filter((field) => !isJson(stored[field]));
    if (fields.length === 0) return;
    log.error({ job: this.name, jobId, fields }, "job.unreadable");
    await client.hset(key, { opts: "{}", data: "null" });
    await client.hdel(key, "progress", "parent", "parentKey");
  }
}

function isJson(text: string | undefined): boolean {
  if (text === undefined || text === "") return true; // BullMQ has a value of its own for these
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
