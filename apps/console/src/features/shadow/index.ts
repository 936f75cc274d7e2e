export { listRuns } from "./server/list-runs.ts";
export { readRun } from "./server/read-run.ts";
export { shadowRouter } from "./server/router.ts";
export { startRun } from "./server/start-run.ts";
export { stopRun } from "./server/stop-run.ts";
