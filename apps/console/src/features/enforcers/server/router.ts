import { router } from "../../../server/trpc.ts";
import { ban } from "./ban.procedure.ts";
import { createToken } from "./create-token.procedure.ts";
import { get } from "./get.procedure.ts";
import { list } from "./list.procedure.ts";

/** The enforcers feature's procedures. */
export const enforcersRouter = router({ ban, createToken, get, list });
