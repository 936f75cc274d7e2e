import { router } from "../../../server/trpc.ts";
import { recent } from "./recent.procedure.ts";
import { stream } from "./stream.procedure.ts";

/** The live feature's procedures. */
export const liveRouter = router({ recent, stream });
