import { router } from "../../../server/trpc.ts";
import { summary } from "./summary.procedure.ts";

/** The overview feature's procedures. */
export const overviewRouter = router({ summary });
