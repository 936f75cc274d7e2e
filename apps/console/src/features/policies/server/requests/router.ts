import { router } from "../../../../server/trpc.ts";
import { decide } from "./decide.procedure.ts";
import { get } from "./get.procedure.ts";
import { list } from "./list.procedure.ts";
import { open } from "./open.procedure.ts";
import { withdraw } from "./withdraw.procedure.ts";

/** The procedures of publishes that wait for a second person. */
export const requestsRouter = router({ decide, get, list, open, withdraw });
