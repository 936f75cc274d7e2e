import { router } from "../../../server/trpc.ts";
import { decide } from "./decide.procedure.ts";
import { get } from "./get.procedure.ts";
import { list } from "./list.procedure.ts";
import { stream } from "./stream.procedure.ts";

/** The approvals feature's procedures. */
export const approvalsRouter = router({ decide, get, list, stream });
