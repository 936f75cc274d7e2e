import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { createEnrolTokenInputSchema, enrolTokenSchema } from "../schemas.ts";

/** enforcers.createToken: a one-time token for a new enforcer. */
export async function createEnforcer(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof createEnrolTokenInputSchema>,
): Answer<z.infer<typeof enrolTokenSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
