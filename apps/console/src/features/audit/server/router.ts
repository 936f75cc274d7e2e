import { router } from "../../../server/trpc.ts";
import { facets } from "./facets.procedure.ts";
import { record } from "./record.procedure.ts";
import { search } from "./search.procedure.ts";

/** The audit feature's procedures. */
export const auditRouter = router({ facets, record, search });
