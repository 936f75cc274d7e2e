import { preparePolicies, writeTestFiles } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import type { z } from "zod";
import type { OrgScope } from "../../../server/scope.ts";
import { outlinePolicies } from "../outline.ts";
import type { policyVersionSchema } from "../schemas.ts";
import { progressOf } from "./check-progress.ts";
import { parseTests } from "./tests/stored-tests.ts";

/** A stored version. */
export interface StoredVersion {
  readonly version: number;
  readonly guardrails: string;
  readonly access: string;
  readonly obligations: string;
  readonly tests: string;
  readonly draft: number | null;
  readonly testsFailed: number;
  readonly testsOverride: string | null;
  readonly note: string;
  readonly authorId: string | null;
  readonly approvedById: string | null;
  readonly createdAt: Date;
}

/** A version as the console shows it, with how far it has travelled. */
export async function viewVersion(
  scope: OrgScope,
  stored: StoredVersion,
): Promise<z.infer<typeof policyVersionSchema>> {
  const sets = { guardrails: stored.guardrails, access: stored.access, obligations: stored.obligations };
  await preparePolicies(sets, progressOf(scope));
  const { newest, people, rollout } = await scope.data.tx(async (tx) => ({
    newest: await tx.policyVersion.aggregate({ _max: { version: true } }),
    people: await readAuthors(tx, [stored, { authorId: stored.approvedById }]),
    rollout: await readRollout(tx, stored.version),
  }));
  return {
    version: stored.version,
    note: stored.note,
    author: people.get(stored.authorId ?? "") ?? null,
    approvedBy: people.get(stored.approvedById ?? "") ?? null,
    createdAt: stored.createdAt.toISOString(),
    sets,
    tests: writeTestFiles(parseTests(stored.tests)),
    draft: stored.draft,
    testsFailed: stored.testsFailed,
    testsOverride: stored.testsOverride,
    policies: outlinePolicies(sets),
    rollout,
    current: stored.version === newest._max.version,
  };
}

/** Names of those who published, by member id. */
export async function readAuthors(tx: OrgTx, versions: readonly Pick<StoredVersion, "authorId">[]) {
  const ids = versions.flatMap(({ authorId }) => (authorId === null ? [] : [authorId]));
  const members = await tx.member.findMany({
    where: { id: { in: ids } },
    select: { id: true, handle: true, name: true },
  });
  return new Map(members.map(({ id, handle, name }) => [id, { handle, name }]));
}

/** How many enforcers apply a bundle that was built from this version or a newer one. */
async function readRollout(tx: OrgTx, policyVersion: number): Promise<{ applied: number; total: number }> {
  const enforcers = await tx.enforcer.findMany({
    where: { status: { in: ["online", "offline"] } },
    select: { siteId: true, appliedVersion: true },
  });
  const carrying = await tx.bundle.groupBy({
    by: ["siteId"],
    where: { policyVersion: { gte: policyVersion } },
    _min: { version: true },
  });
  const firstOf = new Map(carrying.map(({ siteId, _min }) => [siteId, _min.version ?? Number.POSITIVE_INFINITY]));
  const applied = enforcers.filter(
    ({ siteId, appliedVersion }) =>
      appliedVersion !== null && appliedVersion >= (firstOf.get(siteId) ?? Number.POSITIVE_INFINITY),
  );
  return { applied: applied.length, total: enforcers.length };
}
