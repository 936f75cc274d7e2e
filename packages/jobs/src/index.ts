export {
  BadJobPayload,
  defineJob,
  handleJob,
  type JobDefinition,
  type JobHandler,
  JobNotYet,
  type JobRun,
  type RetryRule,
} from "./job.ts";
export { openQueues, type QueueCounts, type Queues } from "./queues.ts";
export { type JobMetrics, type JobRunner, runJobs } from "./runner.ts";
