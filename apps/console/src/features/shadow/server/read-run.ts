import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { RunDetail, runInputSchema } from "../schemas.ts";
import { groupsOf, totalsOf } from "./add-reports.ts";
import { enforcerPart } from "./enforcer-part.ts";
import { viewRuns } from "./run-view.ts";

/** One run with what its enforcers found and what each of them does with it. */
export async function readRun(deps: Deps, scope: OrgScope, { id }: z.infer<typeof runInputSchema>): Answer<RunDetail> {
  return scope.data.tx(async (tx) => {
    const run = await tx.shadowRun.findFirst({ where: { id } });
    if (!run) return err(notFound("shadow run"));
    const [row] = await viewRuns(tx, [run], deps.clock.now());
    if (!row) return err(notFound("shadow run"));
    const base = await tx.policyVersion.findFirst({ where: { version: run.baseVersion } });
    const published = await tx.policyVersion.findMany({
      where: { version: { gt: run.baseVersion }, createdAt: { lt: run.stoppedAt ?? run.endsAt } },
      select: { version: true },
      orderBy: { version: "asc" },
    });
    const reports = await tx.shadowReport.findMany({ where: { runId: id }, orderBy: { firstAt: "asc" } });
    const enforcers = await tx.enforcer.findMany({
      where: { status: { in: ["online", "offline"] } },
      include: { site: true },
      orderBy: { name: "asc" },
    });
    return ok({
      ...row,
      sets: textsOf(run),
      base: base && textsOf(base),
      publishedMeanwhile: published.map(({ version }) => version),
      totals: totalsOf(reports),
      groups: groupsOf(reports),
      enforcers: enforcers.map((enforcer) => {
        const own = reports.filter(({ enforcerId }) => enforcerId === enforcer.id);
        return enforcerPart(enforcer, own, row.state);
      }),
    });
  });
}

function textsOf({ guardrails, access, obligations }: RunDetail["sets"]): RunDetail["sets"] {
  return { guardrails, access, obligations };
}
