import type { OrgTx } from "@sluice/db";
import type { ShadowReport } from "@sluice/proto";
import { z } from "zod";
import { flipGroupSchema } from "../schemas.ts";

const GROUPS_MAX = 256;
const POLICIES_MAX = 8;
const EXAMPLES_MAX = 3;
const TEXT_MAX = 500;
/** A process that starts again and again cannot fill the table. */
const INSTANCES_MAX = 50;
/** Reports of a run that is over are taken for so long: the last one, or one from an enforcer that was cut off. */
const LATE_MS_MAX = 24 * 3_600_000;

const stateSchema = z.enum(["loading", "running", "ended", "stopped", "refused", "failed"]);
const idSchema = z.uuid();

/** Who reports. */
export interface Reporter {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
}

/**
 * Keeps what an enforcer process found, in place of what it reported before. Returns false for what is no report of a run of
 * its own org and site, or one that comes too late. Trusts nothing of it: an enforcer is somebody else's machine.
 */
export async function noteReport(tx: OrgTx, who: Reporter, report: ShadowReport, now: Date): Promise<boolean> {
  const state = stateSchema.safeParse(report.state);
  const groups = readGroups(report);
  if (!state.success || !groups || !idSchema.safeParse(report.runId).success) return false;
  const { orgId, siteId, enforcerId } = who;
  const { runId } = report;
  const part = await tx.shadowPart.findFirst({ where: { runId, siteId }, include: { run: true } });
  if (!part || part.digest !== report.digest || now.getTime() - part.run.endsAt.getTime() > LATE_MS_MAX) return false;
  const key = { orgId, runId, enforcerId, instance: cut(report.instance) };
  const totals = {
    state: state.data,
    reasonCode: cut(report.reasonCode),
    reason: cut(report.reason),
    ...countersOf(report),
    groups,
    reportedAt: now,
  };
  const known = await tx.shadowReport.findFirst({ where: key });
  if (!known) {
    if ((await tx.shadowReport.count({ where: { runId, enforcerId } })) >= INSTANCES_MAX) return false;
    await tx.shadowReport.create({ data: { ...key, ...totals, firstAt: now } });
    return true;
  }
  // Streams of one enforcer can overlap for a moment: totals only grow.
  const { count } = await tx.shadowReport.updateMany({
    where: { ...key, decided: { lte: totals.decided } },
    data: totals,
  });
  return count > 0;
}

const COUNT_MAX = 9_000_000_000_000_000n;
const counted = (count: bigint) => (count > COUNT_MAX ? COUNT_MAX : count);

function countersOf(report: ShadowReport) {
  return {
    decided: counted(report.decided),
    repeated: counted(report.repeated),
    dropped: counted(report.dropped),
    unreplayable: counted(report.unreplayable),
    failed: counted(report.failed),
    flips: counted(report.flips),
    ungrouped: counted(report.ungrouped),
    candidateUs: counted(report.candidateUs),
  };
}

function readGroups({ groups }: ShadowReport) {
  const read = groups.slice(0, GROUPS_MAX).map(({ kind, principal, onBehalfOf, action, resource, ...rest }) => ({
    kind,
    principal: cut(principal),
    onBehalfOf: cut(onBehalfOf),
    action: cut(action),
    resource: cut(resource),
    policies: rest.policies.slice(0, POLICIES_MAX).map(cut),
    exchangeIds: rest.exchangeIds.filter((id) => idSchema.safeParse(id).success).slice(0, EXAMPLES_MAX),
    count: Number(counted(rest.count)),
  }));
  const parsed = z.array(flipGroupSchema).safeParse(read);
  return parsed.success ? parsed.data : undefined;
}

function cut(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "").slice(0, TEXT_MAX);
}
