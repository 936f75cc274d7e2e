import { router } from "../../../server/trpc.ts";
import { get } from "./get.procedure.ts";
import { list } from "./list.procedure.ts";
import { start } from "./start.procedure.ts";
import { stop } from "./stop.procedure.ts";

/** The shadow feature's procedures. */
export const shadowRouter = router({ get, list, start, stop });
