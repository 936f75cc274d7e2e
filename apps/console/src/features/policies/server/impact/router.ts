import { router } from "../../../../server/trpc.ts";
import { cancel } from "./cancel.procedure.ts";
import { get } from "./get.procedure.ts";
import { start } from "./start.procedure.ts";
import { stream } from "./stream.procedure.ts";

/** The procedures of replays. */
export const impactRouter = router({ cancel, get, start, stream });
