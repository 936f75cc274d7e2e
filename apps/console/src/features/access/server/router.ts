import { router } from "../../../server/trpc.ts";
import { connect } from "./connect.procedure.ts";
import { revoke } from "./revoke.procedure.ts";
import { tokens } from "./tokens.procedure.ts";

/** The access feature's procedures. */
export const accessRouter = router({ connect, revoke, tokens });
