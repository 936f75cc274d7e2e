import { preparePolicies, writeTestFiles } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { draftInputSchema, draftListSchema, draftRowSchema, draftSchema } from "../../draft-schemas.ts";
import { compareStates } from "../compare-states.ts";
import { parseTests, readWithTests } from "../tests/stored-tests.ts";
import { readAuthors } from "../version-view.ts";

/** How many drafts the list shows. */
const LISTED_MAX = 50;

type DraftRow = z.infer<typeof draftRowSchema>;
type StoredDraft = NonNullable<Awaited<ReturnType<OrgTx["policyDraft"]["findFirst"]>>>;

/** The newest drafts, newest first. */
export async function listDrafts(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof draftListSchema>> {
  return scope.data.tx(async (tx) => {
    const drafts = await tx.policyDraft.findMany({ orderBy: { number: "desc" }, take: LISTED_MAX });
    return ok({ items: await viewRows(tx, drafts) });
  });
}

/** One draft with its texts and tests, and what it changes in the version in force. */
export async function readDraft(
  _deps: Deps,
  scope: OrgScope,
  { number }: z.infer<typeof draftInputSchema>,
): Answer<z.infer<typeof draftSchema>> {
  const { current, draft, row } = await scope.data.tx(async (tx) => {
    const found = await tx.policyDraft.findFirst({ where: { number } });
    const [viewed] = found ? await viewRows(tx, [found]) : [];
    return { current: await readWithTests(tx), draft: found, row: viewed };
  });
  if (!draft || !row) return err(notFound("draft"));
  if (current === undefined) throw new Error("the newest state is never missing");
  const { guardrails, access, obligations } = draft;
  const sets = { guardrails, access, obligations };
  const tests = parseTests(draft.tests);
  await preparePolicies(current.texts);
  await preparePolicies(sets);
  const changes = compareStates(current, { texts: sets, tests });
  return ok({ ...row, sets, tests: writeTestFiles(tests), current: current.version, changes });
}

/** One draft as lists show it; undefined when there is none. */
export async function readDraftRow(tx: OrgTx, number: number): Promise<DraftRow | undefined> {
  const draft = await tx.policyDraft.findFirst({ where: { number } });
  return draft ? (await viewRows(tx, [draft]))[0] : undefined;
}

async function viewRows(tx: OrgTx, drafts: readonly StoredDraft[]): Promise<DraftRow[]> {
  const numbers = drafts.map(({ number }) => number);
  const about = { draft: { in: numbers } };
  const versions = await tx.policyVersion.findMany({ where: about, select: { draft: true, version: true } });
  const requests = await tx.publishRequest.findMany({
    where: { ...about, status: "waiting" },
    select: { draft: true, id: true },
  });
  const people = await readAuthors(tx, [
    ...drafts,
    ...drafts.map(({ discardedById }) => ({ authorId: discardedById })),
  ]);
  const published = new Map(versions.map(({ draft, version }) => [draft, version]));
  const waiting = new Map(requests.map(({ draft, id }) => [draft, id]));
  const newest = (await tx.policyVersion.aggregate({ _max: { version: true } }))._max.version ?? 0;
  return drafts.map((draft) => {
    const { authorId, baseVersion, createdAt, discardedAt, discardedById, note, number } = draft;
    const version = published.get(number) ?? null;
    const requestId = waiting.get(number) ?? null;
    const open = discardedAt === null && version === null;
    return {
      number,
      baseVersion,
      note,
      author: people.get(authorId ?? "") ?? null,
      createdAt: createdAt.toISOString(),
      state: discardedAt !== null ? "discarded" : version !== null ? "published" : requestId ? "waiting" : "open",
      overtaken: open && baseVersion !== newest,
      version,
      requestId,
      discardedBy: people.get(discardedById ?? "") ?? null,
      discardedAt: discardedAt?.toISOString() ?? null,
    };
  });
}
