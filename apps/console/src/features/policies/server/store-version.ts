import { buildPolicies, type PolicyDiagnostic, type PolicyTexts } from "@sluice/bundle/build";
import { isUniqueViolation, type OrgTx } from "@sluice/db";
import { err, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { type ChangeNotes, changeOrg, readTestsOf } from "../../bundles/index.ts";
import { comparePolicies, outlinePolicies } from "../outline.ts";
import { flipsMaxNow, secondPersonReason } from "./impact/publish-rule.ts";
import { type RuleImpact, ruleImpact } from "./impact/rule-impact.ts";

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
 * that changes nothing, one whose author had not seen the newest version, and one whose effect on recorded decisions is
 * larger than one person may cause alone: that needs a publish request. The effect is computed here when it is not known.
 */
export async function storeVersion(
  deps: Deps,
  scope: OrgScope,
  wanted: WantedVersion,
): Promise<Result<{ version: number }, TaggedError>> {
  const impact = await checkWanted(deps, scope, wanted);
  if (!impact.ok) return impact;
  return oneAtATime(() =>
    refusable((refuse) =>
      changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
        const orgId = scope.org.id;
        const nowMs = deps.clock.now();
        const org = await tx.org.findUniqueOrThrow({ where: { id: orgId } });
        const reason = secondPersonReason(impact.value.result, flipsMaxNow(org, nowMs));
        if (reason !== null) refuse(needsSecondPerson(reason));
        const authorId = scope.actor.memberId;
        const allowed = { ...wanted, orgId, nowMs, authorId, impact: impact.value, request: undefined };
        const written = await writeVersion(tx, notes, allowed);
        return written.ok ? written.value : refuse(written.error);
      }),
    ),
  );
}

/** What can be told of a wanted version before anything is written: that it has no errors, and its effect. */
export async function checkWanted(
  deps: Deps,
  scope: OrgScope,
  wanted: WantedVersion,
): Promise<Result<RuleImpact, TaggedError>> {
  const built = buildPolicies(wanted.texts, await scope.data.tx((tx) => readTestsOf(tx, wanted.texts)));
  if (!built.ok) return err(invalid(firstError(built.error)));
  const newest = await scope.data.tx(readNewest);
  const refused = refusedBase(newest, wanted);
  return refused ? err(refused) : ruleImpact(deps, scope, wanted.texts);
}

/** A version that may be written. */
export interface AllowedVersion extends Omit<WantedVersion, "baseVersion"> {
  readonly orgId: string;
  readonly nowMs: number;
  readonly authorId: string;
  readonly impact: RuleImpact;
  /** the request that a second person approved */
  readonly request: { readonly id: string; readonly approvedById: string; readonly author: string } | undefined;
}

/** Writes the next version in a change's transaction. Refuses when the version it was compared with is no longer the newest. */
export async function writeVersion(
  tx: OrgTx,
  notes: ChangeNotes,
  allowed: AllowedVersion,
): Promise<Result<{ version: number }, TaggedError>> {
  const { authorId, impact, note, orgId, request, texts } = allowed;
  const newest = await readNewest(tx);
  const refused = refusedBase(newest, { texts, baseVersion: impact.baseVersion });
  if (refused) return err(refused);
  const version = impact.baseVersion + 1;
  const { guardrails, access, obligations } = texts;
  const approvedById = request?.approvedById ?? null;
  await tx.policyVersion.create({
    data: { orgId, version, guardrails, access, obligations, note, authorId, impactId: impact.id, approvedById },
  });
  await endOvertaken(tx, version, allowed.nowMs, request?.id);
  const { added, removed, changed } = comparePolicies(outlinePolicies(newest ?? nothing), outlinePolicies(texts));
  notes.record({
    action: allowed.action,
    target: `PolicyVersion::"${version}"`,
    before: { version: impact.baseVersion },
    after: {
      version,
      note,
      added: added.map(({ id }) => id),
      removed: removed.map(({ id }) => id),
      changed: changed.map(({ after }) => after.id),
      flips: impact.flips,
      ...(request ? { requestId: request.id, author: request.author } : {}),
    },
  });
  notes.rebuild("policy");
  return { ok: true, value: { version } };
}

/** Requests that were made over an older version can never be approved any more. */
async function endOvertaken(tx: OrgTx, version: number, nowMs: number, approved: string | undefined): Promise<void> {
  await tx.publishRequest.updateMany({
    where: { status: "waiting", ...(approved === undefined ? {} : { id: { not: approved } }) },
    data: { status: "expired", decidedAt: new Date(nowMs), reason: `Version ${version} was published meanwhile.` },
  });
}

/** The refusal of a publish that one person may not do alone. */
export function needsSecondPerson(reason: string): TaggedError<"policy.needs_second_person"> {
  const how = "Ask for a second person on the publish screen, or with POST /api/v1/policies/requests.";
  return taggedError("policy.needs_second_person", `${reason} ${how}`, { retry: "after-change" });
}

/** Runs a publish; of two at the same moment the later one is refused as such. */
export async function oneAtATime<T>(publish: () => Promise<Result<T, TaggedError>>): Promise<Result<T, TaggedError>> {
  try {
    return await publish();
  } catch (error) {
    if (isUniqueViolation(error)) return err(conflict("Somebody published at the same moment: look again."));
    throw error;
  }
}

type Newest = Awaited<ReturnType<typeof readNewest>>;

async function readNewest(tx: OrgTx) {
  return tx.policyVersion.findFirst({ orderBy: { version: "desc" } });
}

function refusedBase(newest: Newest, wanted: Pick<WantedVersion, "texts" | "baseVersion">): TaggedError | undefined {
  const current = newest?.version ?? 0;
  if (wanted.baseVersion !== undefined && wanted.baseVersion !== current) {
    return conflict(`Version ${current} was published meanwhile: compare with it and publish again.`);
  }
  const same = sameTexts(newest ?? nothing, wanted.texts);
  return same ? invalid(`Nothing differs from version ${current}.`) : undefined;
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
