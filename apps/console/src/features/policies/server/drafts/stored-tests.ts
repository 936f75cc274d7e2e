import { candidateDigest, noTests, type PolicyTests, type PolicyTexts, policyTestsSchema } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";

/** How far back tests are looked for when a text was edited in the console, which leaves the tests as they were. */
const VERSIONS_BACK_MAX = 50;

/** A published state with the tests that belong to it; version 0 is an org that never published. */
export interface StoredPolicies {
  readonly version: number;
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
}

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };

/**
 * Reads a version (the newest without a number) with its tests: those of the newest draft with exactly its texts, else those of
 * the nearest earlier version that has any. Undefined when there is no such version.
 */
export async function readWithTests(tx: OrgTx, wanted?: number): Promise<StoredPolicies | undefined> {
  const versions = await tx.policyVersion.findMany({
    where: wanted === undefined ? {} : { version: { lte: wanted } },
    orderBy: { version: "desc" },
    take: VERSIONS_BACK_MAX,
    select: { version: true, guardrails: true, access: true, obligations: true },
  });
  const [newest] = versions;
  if (newest === undefined) return wanted === undefined ? { version: 0, texts: nothing, tests: noTests } : undefined;
  if (wanted !== undefined && newest.version !== wanted) return undefined;
  const digests = versions.map(candidateDigest);
  const drafts = await tx.policyDraft.findMany({
    where: { digest: { in: digests } },
    orderBy: { number: "asc" },
    select: { digest: true, tests: true },
  });
  const byDigest = new Map(drafts.map(({ digest, tests }) => [digest, tests]));
  const text = digests.flatMap((digest) => byDigest.get(digest) ?? [])[0];
  const tests = text === undefined ? noTests : policyTestsSchema.parse(JSON.parse(text));
  const { version, guardrails, access, obligations } = newest;
  return { version, texts: { guardrails, access, obligations }, tests };
}
