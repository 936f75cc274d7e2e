import { compilePolicies, type PolicyDiagnostic, type PolicyTexts } from "@sluice/bundle/build";
import { isUniqueViolation, type OrgTx } from "@sluice/db";
import { err, type Result, type TaggedError } from "@sluice/kernel";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { changeOrg } from "../../bundles/index.ts";
import { comparePolicies, outlinePolicies } from "../outline.ts";

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };

/** A version as somebody wants it. */
export interface WantedVersion {
  readonly texts: PolicyTexts;
  readonly note: string;
  /** the newest version that its author saw; undefined when they do not care */
  readonly baseVersion: number | undefined;
  readonly action: "policy.publish" | "policy.rollback";
}

/**
 * Makes the next version, its ledger record and the bundles that follow, all or nothing. Refuses a text with errors, one
 * that changes nothing, and one whose author had not seen the newest version.
 */
export async function storeVersion(
  deps: Deps,
  scope: OrgScope,
  wanted: WantedVersion,
): Promise<Result<{ version: number }, TaggedError>> {
  const compiled = compilePolicies(wanted.texts);
  if (!compiled.ok) return err(invalid(firstError(compiled.error)));
  const stored = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const newest = await readNewest(tx);
      const current = newest?.version ?? 0;
      if (wanted.baseVersion !== undefined && wanted.baseVersion !== current) {
        return refuse(conflict(`Version ${current} was published meanwhile: compare with it and publish again.`));
      }
      const before = newest ?? nothing;
      if (sameTexts(before, wanted.texts)) return refuse(invalid(`Nothing differs from version ${current}.`));
      const version = current + 1;
      const { guardrails, access, obligations } = wanted.texts;
      const { note } = wanted;
      const authorId = scope.actor.memberId;
      await tx.policyVersion.create({
        data: { orgId: scope.org.id, version, guardrails, access, obligations, note, authorId },
      });
      const { added, removed, changed } = comparePolicies(outlinePolicies(before), outlinePolicies(wanted.texts));
      notes.record({
        action: wanted.action,
        target: `PolicyVersion::"${version}"`,
        before: { version: current },
        after: {
          version,
          note,
          added: added.map(({ id }) => id),
          removed: removed.map(({ id }) => id),
          changed: changed.map(({ after }) => after.id),
        },
      });
      notes.rebuild("policy");
      return { version };
    }),
  );
  return stored.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("Somebody published at the same moment: look again."));
    throw error;
  });
}

async function readNewest(tx: OrgTx) {
  return tx.policyVersion.findFirst({ orderBy: { version: "desc" } });
}

function sameTexts(a: PolicyTexts, b: PolicyTexts): boolean {
  return a.guardrails === b.guardrails && a.access === b.access && a.obligations === b.obligations;
}

function firstError(diagnostics: readonly PolicyDiagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (!first) return "The policies cannot be compiled.";
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : "";
  return `${first.set}, line ${first.start.line}: ${first.message}${more}`;
}
