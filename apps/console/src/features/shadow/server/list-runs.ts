import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { runListSchema } from "../schemas.ts";
import { viewRuns } from "./run-view.ts";

const RUNS_SHOWN = 50;

/** The newest runs, newest first. */
export async function listRuns(deps: Deps, scope: OrgScope): Answer<z.infer<typeof runListSchema>> {
  return scope.data.tx(async (tx) => {
    const runs = await tx.shadowRun.findMany({
      orderBy: { number: "desc" },
      take: RUNS_SHOWN,
      omit: { guardrails: true, access: true, obligations: true },
    });
    return ok({ items: await viewRuns(tx, runs, deps.clock.now()) });
  });
}
