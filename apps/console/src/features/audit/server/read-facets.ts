import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { facetsSchema } from "../schemas.ts";

/** audit.facets: what the filter boxes can offer. */
export async function readFacets(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof facetsSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
