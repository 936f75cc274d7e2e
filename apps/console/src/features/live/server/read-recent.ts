import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { liveRecentInputSchema, liveRecentSchema } from "../schemas.ts";

/** live.recent: what a page shows before it streams. */
export async function readRecent(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof liveRecentInputSchema>,
): Answer<z.infer<typeof liveRecentSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
