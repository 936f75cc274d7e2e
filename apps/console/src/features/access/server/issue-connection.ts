import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { connectInputSchema, connectionSchema } from "../schemas.ts";

/** access.connect: a token for oneself or one's agent, with a ready-made URL. */
export async function issueConnection(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof connectInputSchema>,
): Answer<z.infer<typeof connectionSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
