import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { enforcerListSchema } from "../schemas.ts";

/** enforcers.list: applied against desired for each. */
export async function listEnforcers(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof enforcerListSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
