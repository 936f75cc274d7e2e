import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { columnClassesSchema, setClassInputSchema } from "../schemas.ts";

/** resources.setClass: what a column carries. */
export async function setColumnClasses(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof setClassInputSchema>,
): Answer<z.infer<typeof columnClassesSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
