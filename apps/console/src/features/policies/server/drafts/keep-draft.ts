import { candidateDigest, type PolicyTests, type PolicyTexts } from "@sluice/bundle/build";
import { isUniqueViolation } from "@sluice/db";
import { err, type Result, type TaggedError } from "@sluice/kernel";
import { changeActor } from "../../../../server/change-actor.ts";
import type { Deps } from "../../../../server/deps.ts";
import { refusable } from "../../../../server/refusable.ts";
import { conflict } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { changeOrg } from "../../../bundles/index.ts";
import { testsText } from "../tests/stored-tests.ts";

/** A draft as it is kept. */
export interface KeptDraft {
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
  /** the version that it was made from */
  readonly baseVersion: number;
  readonly note: string;
  readonly action: "policy.import" | "policy_draft.save";
  /** what it changes, for the ledger */
  readonly changes: object;
}

/** Keeps a draft with its author and its ledger record, and answers its number. Refused when its base is no longer the newest. */
export async function keepDraft(deps: Deps, scope: OrgScope, draft: KeptDraft): Promise<Result<number, TaggedError>> {
  const { texts, tests, baseVersion, note, action, changes } = draft;
  const stored = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const newest = await tx.policyVersion.aggregate({ _max: { version: true } });
      if ((newest._max.version ?? 0) !== baseVersion) refuse(moved(newest._max.version ?? 0));
      const number = ((await tx.policyDraft.aggregate({ _max: { number: true } }))._max.number ?? 0) + 1;
      const { guardrails, access, obligations } = texts;
      const row = { number, baseVersion, note, digest: candidateDigest(texts), tests: testsText(tests) };
      await tx.policyDraft.create({
        data: { ...row, orgId: scope.org.id, guardrails, access, obligations, authorId: scope.actor.memberId },
      });
      notes.record({
        action,
        target: `PolicyDraft::"${number}"`,
        after: { number, baseVersion, note, ...changes },
      });
      return number;
    }),
  );
  return stored.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("Somebody kept a draft at the same moment: try again."));
    throw error;
  });
}

function moved(version: number): TaggedError {
  return conflict(`Version ${version} was published meanwhile: compare with it and try again.`);
}
