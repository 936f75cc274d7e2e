import {
  buildPoliciesInSlices,
  noTests,
  type PolicyDiagnostic,
  type PolicyTests,
  type PolicyTexts,
} from "@sluice/bundle/build";
import { isUniqueViolation, type OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { type ChangeNotes, changeOrg } from "../../bundles/index.ts";
import { comparePolicies, outlinePolicies } from "../outline.ts";
import { progressOf } from "./check-progress.ts";
import { holdDraft } from "./drafts/hold-draft.ts";
import { flipsMaxNow, secondPersonReason } from "./impact/publish-rule.ts";
import { type RuleImpact, ruleImpact } from "./impact/rule-impact.ts";
import { gateTests, type TestGate } from "./tests/gate-tests.ts";
import { parseTests, testsText } from "./tests/stored-tests.ts";

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };

/** A version as somebody wants it. */
export interface WantedVersion {
  readonly texts: PolicyTexts;
  /** undefined: those in force */
  readonly tests: PolicyTests | undefined;
  readonly note: string;
  /** the newest version that its author saw; undefined when they do not care */
  readonly baseVersion: number | undefined;
  readonly action: "policy.publish" | "policy.rollback";
  /** why it is published although tests fail */
  readonly overrideTests: string | undefined;
  /** the number of the draft that it comes from */
  readonly draft: number | undefined;
}

/**
 * Makes the next version, its ledger record and the bundles that follow, all or nothing. Refuses a text with errors, one
 * that changes nothing, one whose author had not seen the newest version, one whose tests fail unless somebody who may
 * overrides them, and one whose effect on recorded decisions is larger than one person may cause alone: that needs a publish
 * request. The effect is computed here when it is not known.
 */
export async function storeVersion(
  deps: Deps,
  scope: OrgScope,
  wanted: WantedVersion,
): Promise<Result<{ version: number }, TaggedError>> {
  const checked = await checkWanted(deps, scope, wanted);
  if (!checked.ok) return checked;
  return oneAtATime(() =>
    refusable((refuse) =>
      changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
        const orgId = scope.org.id;
        const nowMs = deps.clock.now();
        const org = await tx.org.findUniqueOrThrow({ where: { id: orgId } });
        const reason = secondPersonReason(checked.value.impact.result, flipsMaxNow(org, nowMs));
        if (reason !== null) refuse(needsSecondPerson(reason));
        const authorId = scope.actor.memberId;
        const { action, draft = null, note, texts } = wanted;
        const candidate = { action, draft, note, texts, ...checked.value };
        const written = await writeVersion(tx, notes, { ...candidate, orgId, nowMs, authorId, request: undefined });
        return written.ok ? written.value : refuse(written.error);
      }),
    ),
  );
}

/** What is known of a wanted version that may be published, by one person or by two. */
export interface CheckedVersion extends TestGate {
  /** in their stored form */
  readonly tests: string;
  readonly impact: RuleImpact;
}

/** What can be told of a wanted version before anything is written: that it has no errors, how its tests go, and its effect. */
export async function checkWanted(
  deps: Deps,
  scope: OrgScope,
  wanted: WantedVersion,
): Promise<Result<CheckedVersion, TaggedError>> {
  const newest = await scope.data.tx(readNewest);
  const tests = wanted.tests ?? parseTests(newest.tests);
  const built = await buildPoliciesInSlices(wanted.texts, tests, progressOf(scope));
  if (!built.ok) return err(invalid(firstError(built.error)));
  const candidate = { texts: wanted.texts, tests: testsText(tests) };
  const refused = refusedBase(newest, { ...candidate, baseVersion: wanted.baseVersion });
  if (refused) return err(refused);
  const gate = gateTests(scope, wanted.texts, tests, wanted.overrideTests);
  if (!gate.ok) return gate;
  const impact = await ruleImpact(deps, scope, wanted.texts);
  return impact.ok ? ok({ ...gate.value, tests: candidate.tests, impact: impact.value }) : impact;
}

/** A version that may be written. */
export interface AllowedVersion extends CheckedVersion, Pick<WantedVersion, "texts" | "note" | "action"> {
  readonly orgId: string;
  readonly nowMs: number;
  readonly authorId: string;
  /** the number of the draft that it comes from */
  readonly draft: number | null;
  /** the request that a second person approved */
  readonly request: { readonly id: string; readonly approvedById: string; readonly author: string } | undefined;
}

/**
 * Writes the next version in a change's transaction. Refuses when the version it was compared with is no longer the newest, and
 * when the draft it comes from was discarded meanwhile.
 */
export async function writeVersion(
  tx: OrgTx,
  notes: ChangeNotes,
  allowed: AllowedVersion,
): Promise<Result<{ version: number }, TaggedError>> {
  const { authorId, draft, impact, note, orgId, request, tests, testsFailed, testsOverride, texts } = allowed;
  const newest = await readNewest(tx);
  const refused = refusedBase(newest, { texts, tests, baseVersion: impact.baseVersion });
  if (refused) return err(refused);
  if (draft !== null && !(await holdDraft(tx, draft))) return err(conflict(`Draft ${draft} was discarded.`));
  const version = impact.baseVersion + 1;
  const { guardrails, access, obligations } = texts;
  const known = { note, authorId, impactId: impact.id, approvedById: request?.approvedById ?? null };
  const tested = { tests, testsFailed, testsOverride };
  await tx.policyVersion.create({
    data: { orgId, version, guardrails, access, obligations, draft, ...tested, ...known },
  });
  await endOvertaken(tx, version, allowed.nowMs, request?.id);
  const { added, removed, changed } = comparePolicies(outlinePolicies(newest), outlinePolicies(texts));
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
      testsChanged: newest.tests !== tests,
      flips: impact.flips,
      ...(draft === null ? {} : { draft }),
      ...(testsOverride === null ? {} : { testsFailed, testsOverride }),
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

/** What a candidate is compared with: the newest version, or version 0 of an org that never published. */
interface Newest extends PolicyTexts {
  readonly version: number;
  readonly tests: string;
}

async function readNewest(tx: OrgTx): Promise<Newest> {
  const newest = await tx.policyVersion.findFirst({ orderBy: { version: "desc" } });
  return newest ?? { ...nothing, version: 0, tests: testsText(noTests) };
}

interface Candidate {
  readonly texts: PolicyTexts;
  readonly tests: string;
  readonly baseVersion: number | undefined;
}

function refusedBase(newest: Newest, { baseVersion, tests, texts }: Candidate): TaggedError | undefined {
  const current = newest.version;
  if (baseVersion !== undefined && baseVersion !== current) {
    return conflict(`Version ${current} was published meanwhile: compare with it and publish again.`);
  }
  const same = sameTexts(newest, texts) && testsText(parseTests(newest.tests)) === tests;
  return same ? invalid(`Nothing differs from version ${current}.`) : undefined;
}

function sameTexts(a: PolicyTexts, b: PolicyTexts): boolean {
  return a.guardrails === b.guardrails && a.access === b.access && a.obligations === b.obligations;
}

/** The first error of a check in a sentence, and how many more there are. */
export function firstError(diagnostics: readonly PolicyDiagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (!first) return "The policies cannot be compiled.";
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : "";
  return `${first.set}, line ${first.start.line}: ${first.message}${more}`;
}
