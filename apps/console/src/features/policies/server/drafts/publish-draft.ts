import { err, ok, type Result, type TaggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { conflict, notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { publishDraftInputSchema, publishedDraftSchema } from "../../draft-schemas.ts";
import { openWanted } from "../requests/open-request.ts";
import { storeVersion, type WantedVersion } from "../store-version.ts";
import { parseTests } from "../tests/stored-tests.ts";

type Wish = z.infer<typeof publishDraftInputSchema>;

/**
 * Publishes a draft by the way that every text is published, with the same refusals: it has no way of its own. Where its
 * effect needs a second person, the request for one is opened.
 */
export async function publishDraft(
  deps: Deps,
  scope: OrgScope,
  input: Wish,
): Answer<z.infer<typeof publishedDraftSchema>> {
  const wanted = await wantedDraft(scope, input);
  if (!wanted.ok) return wanted;
  const published = await storeVersion(deps, scope, wanted.value);
  if (published.ok) return ok({ version: published.value.version, requestId: null });
  if (published.error.code !== "policy.needs_second_person") return published;
  const asked = await openWanted(deps, scope, wanted.value);
  return asked.ok ? ok({ version: null, requestId: asked.value.id }) : asked;
}

async function wantedDraft(
  scope: OrgScope,
  { note, number, overrideTests }: Wish,
): Promise<Result<WantedVersion, TaggedError>> {
  const draft = await scope.data.tx((tx) => tx.policyDraft.findFirst({ where: { number } }));
  if (!draft) return err(notFound("draft"));
  if (draft.discardedAt !== null) return err(conflict(`Draft ${number} was discarded.`));
  const { guardrails, access, obligations, baseVersion } = draft;
  return ok({
    texts: { guardrails, access, obligations },
    tests: parseTests(draft.tests),
    note: note ?? draft.note,
    baseVersion,
    action: "policy.publish",
    overrideTests,
    draft: number,
  });
}
