import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { addAgentInputSchema, agentSchema } from "../schemas.ts";

/** identities.addAgent: an AI agent, alone or acting for a person. */
export async function createAgent(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof addAgentInputSchema>,
): Answer<z.infer<typeof agentSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
