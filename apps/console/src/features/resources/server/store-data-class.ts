import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { dataClassSchema, saveDataClassInputSchema } from "../schemas.ts";

/** resources.saveDataClass: makes a class or changes how it is hidden. */
export async function storeDataClass(
  _deps: Deps,
  _scope: OrgScope,
  _input: z.infer<typeof saveDataClassInputSchema>,
): Answer<z.infer<typeof dataClassSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
