import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { settingsSchema } from "../schemas.ts";

/** settings.get: what the org has set. */
export async function readSettings(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof settingsSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
