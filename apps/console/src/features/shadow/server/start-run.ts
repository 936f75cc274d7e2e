import {
  compilePolicies,
  diffPolicies,
  type PolicyDiagnostic,
  type PolicyTexts,
  preparePolicies,
} from "@sluice/bundle/build";
import { isUniqueViolation, type OrgTx } from "@sluice/db";
import { err, newId } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { buildShadowParts, changeOrg } from "../../bundles/index.ts";
import type { startedRunSchema, startRunInputSchema } from "../schemas.ts";

const nothing: PolicyTexts = { guardrails: "", access: "", obligations: "" };
const MINUTE_MS = 60_000;

/**
 * Starts a run of a candidate on every enforcer of the org that can. Refuses a text with errors, one that is in force
 * already, one too large to be sent, and a second run while one runs.
 */
export async function startRun(
  deps: Deps,
  scope: OrgScope,
  { sets, note, minutes }: z.infer<typeof startRunInputSchema>,
): Answer<z.infer<typeof startedRunSchema>> {
  await preparePolicies(sets);
  const compiled = compilePolicies(sets);
  if (!compiled.ok) return err(invalid(firstError(compiled.error)));
  const startedAt = new Date(deps.clock.now());
  const endsAt = new Date(startedAt.getTime() + minutes * MINUTE_MS);
  const id = newId(startedAt.getTime());
  const orgId = scope.org.id;
  const started = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const running = await tx.shadowRun.findFirst({ where: { stoppedAt: null, endsAt: { gt: startedAt } } });
      if (running) return refuse(conflict(`Shadow run ${running.number} still runs: stop it first.`));
      const newest = await tx.policyVersion.findFirst({ orderBy: { version: "desc" } });
      const before = newest ?? nothing;
      const changes = diffPolicies(before, sets);
      if (changes.length === 0) return refuse(invalid("The candidate is what is in force: change something first."));
      const number = await nextNumber(tx);
      const wanted = { orgId, runId: id, version: number, endsAtMs: endsAt.getTime(), policies: compiled.value };
      const parts = await buildShadowParts(tx, deps, wanted);
      if (!parts.ok) return refuse(parts.error);
      const baseVersion = newest?.version ?? 0;
      const authorId = scope.actor.memberId;
      await tx.shadowRun.create({
        data: { id, orgId, number, ...sets, note, baseVersion, authorId, startedAt, endsAt },
      });
      for (const data of parts.value) await tx.shadowPart.create({ data });
      notes.record({
        action: "shadow_run.start",
        target: `ShadowRun::"${number}"`,
        after: { number, note, baseVersion, endsAt: endsAt.toISOString(), changed: changes.length },
      });
      return { id, number };
    }),
  );
  return started.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("Somebody started a shadow run at the same moment: look again."));
    throw error;
  });
}

async function nextNumber(tx: OrgTx): Promise<number> {
  const { _max } = await tx.shadowRun.aggregate({ _max: { number: true } });
  return (_max.number ?? 0) + 1;
}

function firstError(diagnostics: readonly PolicyDiagnostic[]): string {
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  return first ? `${first.set}, line ${first.start.line}: ${first.message}` : "The candidate cannot be compiled.";
}
