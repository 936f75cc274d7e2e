import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { resourceListSchema } from "../schemas.ts";

/** resources.list: all resources. */
export async function listResources(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof resourceListSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
