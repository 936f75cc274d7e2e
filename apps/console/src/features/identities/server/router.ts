import { router } from "../../../server/trpc.ts";
import { addAgent } from "./add-agent.procedure.ts";
import { addMember } from "./add-member.procedure.ts";
import { list } from "./list.procedure.ts";
import { lock } from "./lock.procedure.ts";
import { unlock } from "./unlock.procedure.ts";
import { updateMember } from "./update-member.procedure.ts";

/** The identities feature's procedures. */
export const identitiesRouter = router({ addAgent, addMember, list, lock, unlock, updateMember });
