import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { publishedSchema, publishInputSchema } from "../schemas.ts";
import { storeVersion } from "./store-version.ts";

/** Publishes a text as the next version. */
export async function publishPolicies(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof publishInputSchema>,
): Answer<z.infer<typeof publishedSchema>> {
  const { sets: texts, note, baseVersion } = input;
  return storeVersion(deps, scope, { texts, note, baseVersion, action: "policy.publish" });
}
