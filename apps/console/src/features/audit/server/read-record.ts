import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { recordDetailSchema, recordInputSchema } from "../schemas.ts";

/** audit.record: one record with what explains it. */
export async function readRecord(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof recordInputSchema>,
): Answer<z.infer<typeof recordDetailSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
