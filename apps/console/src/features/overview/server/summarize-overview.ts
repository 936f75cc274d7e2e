import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { overviewSchema } from "../schemas.ts";

/** overview.summary: what the first page answers. */
export async function summarizeOverview(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof overviewSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
