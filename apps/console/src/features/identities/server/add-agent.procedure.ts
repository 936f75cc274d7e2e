import { can } from "../../../server/trpc.ts";
import { answer } from "../../../server/trpc-errors.ts";
import { addAgentInputSchema, agentSchema } from "../schemas.ts";
import { createAgent } from "./create-agent.ts";

/** identities.addAgent: an AI agent, alone or acting for a person. */
export const addAgent = can("identities:write")
  .input(addAgentInputSchema)
  .output(agentSchema)
  .mutation(({ ctx, input }) => answer(createAgent(ctx.deps, ctx.scope, input)));
