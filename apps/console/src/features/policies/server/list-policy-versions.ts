import { preparePolicies } from "@sluice/bundle/build";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { pageInputSchema } from "../../../server/paging.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { comparePolicies, outlinePolicies } from "../outline.ts";
import type { policyVersionPageSchema } from "../schemas.ts";
import { readAuthors } from "./version-view.ts";

const empty = { guardrails: "", access: "", obligations: "" };

/** The history, newest first, each with what it changed against the one before. The cursor is a version number. */
export async function listPolicyVersions(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof pageInputSchema>,
): Answer<z.infer<typeof policyVersionPageSchema>> {
  const before = Number(input.cursor ?? Number.NaN);
  const { authors, newest, stored } = await scope.data.tx(async (tx) => {
    const found = await tx.policyVersion.findMany({
      where: Number.isSafeInteger(before) ? { version: { lt: before } } : {},
      orderBy: { version: "desc" },
      take: input.limit + 1,
    });
    const highest = await tx.policyVersion.aggregate({ _max: { version: true } });
    return { stored: found, newest: highest._max.version, authors: await readAuthors(tx, found) };
  });
  for (const version of stored) await preparePolicies(version);
  const items = stored.slice(0, input.limit).map((version, index) => {
    const earlier = outlinePolicies(stored[index + 1] ?? empty);
    const { added, removed, changed } = comparePolicies(earlier, outlinePolicies(version));
    return {
      version: version.version,
      note: version.note,
      author: authors.get(version.authorId ?? "") ?? null,
      createdAt: version.createdAt.toISOString(),
      added: added.length,
      removed: removed.length,
      changed: changed.length,
      current: version.version === newest,
    };
  });
  const last = stored.length > input.limit ? items.at(-1) : undefined;
  return ok({ items, nextCursor: last ? String(last.version) : null });
}
