import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { recordPageSchema, searchInputSchema } from "../schemas.ts";

/** audit.search: one page of records, newest first. */
export async function searchRecords(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof searchInputSchema>,
): Answer<z.infer<typeof recordPageSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
