import { router } from "../../../../server/trpc.ts";
import { get } from "./get.procedure.ts";
import { update } from "./update.procedure.ts";

/** The procedures of the org's rule for publishing. */
export const ruleRouter = router({ get, update });
