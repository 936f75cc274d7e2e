import type { PolicyTexts } from "@sluice/bundle/build";
import { candidateDigest } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { newId } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgData, OrgScope } from "../../../../server/scope.ts";
import type { ImpactResult, ImpactSpan } from "../../impact-schemas.ts";
import { countedFlips } from "./publish-rule.ts";
import { readAnchorVersion, readNewestVersion } from "./read-versions.ts";

const log = logger("console.impact");

/** A run that was silent for this long is dead: another may take it over. */
export const SILENT_MS = 15_000;

/** The channel that tells whoever watches one impact to look again. */
export function impactChannel(id: string): string {
  return `sluice:impact:${id}`;
}

/** Makes a row for a candidate against the version in force; nothing runs yet. */
export async function createImpact(
  tx: OrgTx,
  deps: Pick<Deps, "clock">,
  scope: OrgScope,
  wanted: { readonly texts: PolicyTexts; readonly span: ImpactSpan; readonly from: Date; readonly to: Date },
): Promise<{ id: string; baseVersion: number }> {
  const nowMs = deps.clock.now();
  const baseVersion = await readNewestVersion(tx);
  const { guardrails, access, obligations } = wanted.texts;
  const id = newId(nowMs);
  await tx.policyImpact.create({
    data: {
      id,
      orgId: scope.org.id,
      digest: candidateDigest(wanted.texts),
      guardrails,
      access,
      obligations,
      baseVersion,
      anchorVersion: await readAnchorVersion(tx, nowMs),
      span: wanted.span,
      fromAt: wanted.from,
      toAt: wanted.to,
      requestedById: scope.actor.memberId,
      createdAt: new Date(nowMs),
    },
  });
  return { id, baseVersion };
}

/** Takes a run: false when it ended, or somebody else is at it. */
export async function claimImpact(deps: Deps, data: OrgData, id: string): Promise<boolean> {
  const nowMs = deps.clock.now();
  const silent = { status: "running", beatAt: { lt: new Date(nowMs - SILENT_MS) } };
  const { count } = await data.tx((tx) =>
    tx.policyImpact.updateMany({
      where: { id, OR: [{ status: "queued" }, silent] },
      data: { status: "running", beatAt: new Date(nowMs), seen: 0 },
    }),
  );
  return count === 1;
}

/** Says how far a run is. False when it was cancelled: stop. */
export async function beatImpact(
  deps: Deps,
  data: OrgData,
  id: string,
  progress: { readonly seen: number; readonly total: number },
): Promise<boolean> {
  const { count } = await data.tx((tx) =>
    tx.policyImpact.updateMany({
      where: { id, status: "running" },
      data: { ...progress, beatAt: new Date(deps.clock.now()) },
    }),
  );
  await wakeImpact(deps, id);
  return count === 1;
}

/** Ends a run with what it found. Nothing happens when it was cancelled meanwhile. */
export async function finishImpact(deps: Deps, data: OrgData, id: string, result: ImpactResult): Promise<void> {
  await endImpact(deps, data, id, { status: "done", seen: result.sampled, flips: countedFlips(result), result });
}

/** Ends a run without a result. */
export async function failImpact(deps: Deps, data: OrgData, id: string, error: string): Promise<void> {
  await endImpact(deps, data, id, { status: "failed", error });
}

/** Stops a run that nobody wants any more. False when it had ended already. */
export async function cancelImpactRow(deps: Deps, data: OrgData, id: string): Promise<boolean> {
  return endImpact(deps, data, id, { status: "cancelled" });
}

async function endImpact(
  deps: Deps,
  data: OrgData,
  id: string,
  end:
    | { readonly status: "done"; readonly seen: number; readonly flips: number; readonly result: ImpactResult }
    | { readonly status: "failed"; readonly error: string }
    | { readonly status: "cancelled" },
): Promise<boolean> {
  const { count } = await data.tx((tx) =>
    tx.policyImpact.updateMany({
      where: { id, status: { in: ["queued", "running"] } },
      data: { ...end, endedAt: new Date(deps.clock.now()) },
    }),
  );
  await wakeImpact(deps, id);
  return count === 1;
}

async function wakeImpact(deps: Deps, id: string): Promise<void> {
  try {
    await deps.wakeups.publish(impactChannel(id));
  } catch (error) {
    // who watches looks again by itself
    log.warn({ err: error, impactId: id }, "impact.wakeup_unsent");
  }
}
