import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { apiTokenListSchema } from "../schemas.ts";

/** apiTokens.list: one's own, newest first. */
export async function readApiTokens(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof apiTokenListSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
