import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { publishDraftInputSchema, publishedDraftSchema } from "../../draft-schemas.ts";
import { publishPolicies } from "../publish-policies.ts";
import { openRequest } from "../requests/open-request.ts";
import { readDraft } from "./read-drafts.ts";

/**
 * Publishes a draft by the way that every text is published, with the same refusals: it has no way of its own. Where its
 * effect needs a second person, the request for one is opened.
 */
export async function publishDraft(
  deps: Deps,
  scope: OrgScope,
  { number, note }: z.infer<typeof publishDraftInputSchema>,
): Answer<z.infer<typeof publishedDraftSchema>> {
  const draft = await readDraft(deps, scope, { number });
  if (!draft.ok) return draft;
  const { sets, baseVersion } = draft.value;
  const wanted = { sets, baseVersion, note: note ?? draft.value.note };
  const published = await publishPolicies(deps, scope, wanted);
  if (published.ok) return ok({ version: published.value.version, requestId: null });
  if (published.error.code !== "policy.needs_second_person") return published;
  const asked = await openRequest(deps, scope, wanted);
  return asked.ok ? ok({ version: null, requestId: asked.value.id }) : asked;
}
