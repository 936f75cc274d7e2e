import { err, ok } from "@sluice/kernel";
import { approvalSubjectSchema } from "@sluice/ledger";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { ApprovalDetail, approvalInputSchema } from "../schemas.ts";
import { readApprovalContext, viewApproval, viewSteps, withDecisions } from "./approval-view.ts";
import { visibleApprovals } from "./visible.ts";

const DAY_MS = 24 * 60 * 60_000;

/** All that an approver needs to see of one held exchange. */
export async function getApproval(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof approvalInputSchema>,
): Answer<ApprovalDetail> {
  const nowMs = deps.clock.now();
  return scope.data.tx(async (tx) => {
    const stored = await tx.approval.findFirst({
      where: { AND: [{ id: input.id }, await visibleApprovals(tx, scope.actor)] },
      include: withDecisions,
    });
    if (!stored) return err(notFound("approval"));
    const context = await readApprovalContext(tx, [stored]);
    const subject = approvalSubjectSchema.parse(stored.subject);
    const recent = await tx.approval.count({
      where: {
        principalId: stored.principalId,
        id: { not: stored.id },
        createdAt: { gte: new Date(stored.createdAt.getTime() - DAY_MS), lte: stored.createdAt },
      },
    });
    const record = await tx.record.findFirst({ where: { id: stored.exchangeId }, select: { id: true } });
    return ok({
      ...viewApproval(stored, context, scope.actor, nowMs),
      digest: stored.digest,
      parameters: subject.parameters,
      facts: subject.facts ?? null,
      sessionId: subject.sessionId,
      bundleVersion: subject.bundleVersion,
      steps: viewSteps(stored, context),
      recentByPrincipal: recent,
      recordId: record?.id ?? null,
    });
  });
}
