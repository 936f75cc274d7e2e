import { formatPolicies } from "@sluice/bundle/build";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { formatInputSchema, formattedSchema } from "../schemas.ts";
import { viewProblem } from "./problem-view.ts";

/** Cedar's own layout of one set, comments kept; a text that does not parse comes back as it was, with the places. */
export async function formatPolicyText(
  _deps: Deps,
  _scope: OrgScope,
  input: z.infer<typeof formatInputSchema>,
): Answer<z.infer<typeof formattedSchema>> {
  const formatted = formatPolicies(input.text, input.set);
  if (formatted.ok) return ok({ text: formatted.value, problems: [] });
  return ok({ text: input.text, problems: formatted.error.map(viewProblem) });
}
