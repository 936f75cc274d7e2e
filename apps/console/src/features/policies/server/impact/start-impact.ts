import { candidateDigest, compilePolicies, preparePolicies } from "@sluice/bundle/build";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { invalid } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type { Impact, startImpactInputSchema } from "../../impact-schemas.ts";
import { impactJob } from "../../jobs/impact.job.ts";
import { progressOf } from "../check-progress.ts";
import { createImpact, SILENT_MS } from "./impact-rows.ts";
import { viewImpact } from "./impact-view.ts";
import { readAnchorVersion, readNewestVersion } from "./read-versions.ts";
import { FRESH_MS } from "./rule-impact.ts";
import { boundsOf, SPAN_MS_MAX } from "./span.ts";

type Wanted = z.infer<typeof startImpactInputSchema>;
/** Replays of one org that wait or run at once. */
const OPEN_MAX = 10;

/**
 * Replays a candidate in the background. The same candidate over the same span is replayed once in ten minutes: a run that
 * is going on or a fresh result is answered instead of a new one.
 */
export async function startImpact(deps: Deps, scope: OrgScope, input: Wanted): Answer<Impact> {
  await preparePolicies(input.sets, progressOf(scope));
  if (!compilePolicies(input.sets).ok) return err(invalid("The policies have errors: correct them first."));
  const bounds = spanOf(input, deps.clock.now());
  if (!bounds.ok) return bounds;
  const started = await scope.data.tx(async (tx) => {
    const nowMs = deps.clock.now();
    const alive = [
      { status: "done", toAt: { gte: new Date(nowMs - FRESH_MS) } },
      { status: "queued", createdAt: { gte: new Date(nowMs - SILENT_MS) } },
      { status: "running", beatAt: { gte: new Date(nowMs - SILENT_MS) } },
    ];
    const known = await tx.policyImpact.findFirst({
      where: {
        digest: candidateDigest(input.sets),
        baseVersion: await readNewestVersion(tx),
        anchorVersion: await readAnchorVersion(tx, nowMs),
        span: input.span,
        ...(input.span === "custom" ? { fromAt: bounds.value.from, toAt: bounds.value.to } : {}),
        OR: alive,
      },
      orderBy: { createdAt: "desc" },
    });
    if (known) return { id: known.id, made: false };
    const open = await tx.policyImpact.count({ where: { status: { in: ["queued", "running"] } } });
    if (open >= OPEN_MAX) return undefined;
    const { id } = await createImpact(tx, deps, scope, { texts: input.sets, span: input.span, ...bounds.value });
    return { id, made: true };
  });
  if (!started) return err(tooMany());
  // what Redis loses the worker finds by itself within seconds
  if (started.made)
    await deps.queues.enqueue(impactJob, { orgId: scope.org.id, impactId: started.id }, { id: started.id });
  return scope.data.tx(async (tx) => {
    const row = await tx.policyImpact.findUniqueOrThrow({ where: { id: started.id } });
    return ok(await viewImpact(tx, deps, scope, row));
  });
}

function spanOf({ from, span, to }: Wanted, nowMs: number): Result<{ from: Date; to: Date }, TaggedError> {
  if (span !== "custom") return ok(boundsOf(span, nowMs));
  if (from === undefined || to === undefined) return err(invalid("A custom span needs a beginning and an end."));
  const bounds = { from: new Date(from), to: new Date(to) };
  const lengthMs = bounds.to.getTime() - bounds.from.getTime();
  if (lengthMs <= 0) return err(invalid("The span must end after it begins."));
  return lengthMs > SPAN_MS_MAX ? err(invalid("A span lasts at most 31 days.")) : ok(bounds);
}

function tooMany(): TaggedError {
  const text = `${OPEN_MAX} replays are going on already: wait for one of them, or cancel it.`;
  return taggedError("request.too_many", text, { retry: "later" });
}
