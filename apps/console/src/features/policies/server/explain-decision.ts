import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { explainInputSchema, explanationSchema } from "../schemas.ts";

/** policies.explain: one question to the engine, answered for people. */
export async function explainDecision(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof explainInputSchema>,
): Answer<z.infer<typeof explanationSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
