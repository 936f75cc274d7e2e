export { overviewRouter } from "./server/router.ts";
export { summarizeOverview } from "./server/summarize-overview.ts";
