import { err, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { vocabularySchema } from "../schemas.ts";

/** policies.vocabulary: what the editor and the question forms can offer. */
export async function readVocabulary(_deps: Deps, _scope: OrgScope): Answer<z.infer<typeof vocabularySchema>> {
  return err(taggedError("request.not_ready", "This part is not connected to its data yet."));
}
