import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { meSchema } from "../schemas.ts";

/** me: who is signed in and what they can do. */
export async function readMe(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof meSchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
