import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { addMemberInputSchema, personSchema } from "../schemas.ts";

/** identities.addMember: a person who may sign in. */
export async function createMember(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof addMemberInputSchema>,
): Answer<z.infer<typeof personSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
