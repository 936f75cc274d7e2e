import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { draftInputSchema, draftListSchema, draftRowSchema, draftSchema } from "../../draft-schemas.ts";
import { readAuthors } from "../version-view.ts";

/** How many drafts the list shows. */
const LISTED_MAX = 50;

interface DraftRow {
  readonly number: number;
  readonly baseVersion: number;
  readonly note: string;
  readonly authorId: string | null;
  readonly createdAt: Date;
}

/** The newest drafts, newest first. */
export async function listDrafts(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof draftListSchema>> {
  return scope.data.tx(async (tx) => {
    const drafts = await tx.policyDraft.findMany({ orderBy: { number: "desc" }, take: LISTED_MAX });
    const authors = await readAuthors(tx, drafts);
    const { _max } = await tx.policyVersion.aggregate({ _max: { version: true } });
    return ok({ items: drafts.map((draft) => viewRow(draft, authors, _max.version ?? 0)) });
  });
}

/** One draft with its texts. */
export async function readDraft(
  _deps: Deps,
  scope: OrgScope,
  { number }: z.infer<typeof draftInputSchema>,
): Answer<z.infer<typeof draftSchema>> {
  return scope.data.tx(async (tx) => {
    const draft = await tx.policyDraft.findFirst({ where: { number } });
    if (!draft) return err(notFound("draft"));
    const { guardrails, access, obligations } = draft;
    const { _max } = await tx.policyVersion.aggregate({ _max: { version: true } });
    const row = viewRow(draft, await readAuthors(tx, [draft]), _max.version ?? 0);
    return ok({ ...row, sets: { guardrails, access, obligations } });
  });
}

function viewRow(
  { number, baseVersion, note, authorId, createdAt }: DraftRow,
  authors: Awaited<ReturnType<typeof readAuthors>>,
  current: number,
): z.infer<typeof draftRowSchema> {
  const author = authors.get(authorId ?? "") ?? null;
  return { number, baseVersion, note, author, createdAt: createdAt.toISOString(), overtaken: baseVersion !== current };
}
