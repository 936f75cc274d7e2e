import type { PolicyTexts } from "@sluice/bundle/build";
import { candidateDigest } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { type ImpactResult, impactResultSchema } from "../../impact-schemas.ts";
import { createImpact } from "./impact-rows.ts";
import { readAnchorVersion, readNewestVersion } from "./read-versions.ts";
import { runImpact } from "./run-impact.ts";
import { boundsOf, RULE_SPAN } from "./span.ts";

/** An older result does not stand for a publish: traffic has gone on. */
export const FRESH_MS = 10 * 60_000;
/** Replays that publishing runs at once in one process. */
const RUNS_MAX = 4;

/** What is known of a candidate's effect, good enough to publish by. */
export interface RuleImpact {
  readonly id: string;
  readonly digest: string;
  readonly baseVersion: number;
  readonly flips: number;
  readonly result: ImpactResult;
}

let running = 0;

/**
 * The fresh result for exactly this candidate against the version in force, over the rule's span. Where there is none it is
 * made here and now, so that no way of publishing passes without it. Refuses only when too many are made at once.
 */
export async function ruleImpact(
  deps: Deps,
  scope: OrgScope,
  texts: PolicyTexts,
): Promise<Result<RuleImpact, TaggedError>> {
  const known = await scope.data.tx((tx) => findRuleImpact(tx, deps, texts));
  if (known) return ok(known);
  if (running >= RUNS_MAX) {
    return err(
      taggedError("request.too_many", "Too many candidates are being replayed at once: try again in a moment.", {
        retry: "later",
      }),
    );
  }
  running += 1;
  try {
    const span = boundsOf(RULE_SPAN, deps.clock.now());
    const { id } = await scope.data.tx((tx) => createImpact(tx, deps, scope, { texts, span: RULE_SPAN, ...span }));
    await runImpact(deps, scope.data, id);
    const stored = await scope.data.tx((tx) => tx.policyImpact.findUniqueOrThrow({ where: { id } }));
    return ok(ruleImpactOf(stored));
  } finally {
    running -= 1;
  }
}

/** The newest result that `ruleImpact` would take; undefined when there is none. */
async function findRuleImpact(
  tx: OrgTx,
  deps: Pick<Deps, "clock">,
  texts: PolicyTexts,
): Promise<RuleImpact | undefined> {
  const nowMs = deps.clock.now();
  const found = await tx.policyImpact.findFirst({
    where: {
      digest: candidateDigest(texts),
      baseVersion: await readNewestVersion(tx),
      anchorVersion: await readAnchorVersion(tx, nowMs),
      span: RULE_SPAN,
      status: "done",
      toAt: { gte: new Date(nowMs - FRESH_MS) },
    },
    orderBy: { createdAt: "desc" },
  });
  return found ? ruleImpactOf(found) : undefined;
}

/** A finished row; throws for one that is not. */
export function ruleImpactOf(row: {
  readonly id: string;
  readonly digest: string;
  readonly baseVersion: number;
  readonly flips: number | null;
  readonly result: unknown;
}): RuleImpact {
  if (row.flips === null) throw new Error("an impact that has not ended was taken for a result");
  const { baseVersion, digest, flips, id } = row;
  return { id, digest, baseVersion, flips, result: impactResultSchema.parse(row.result) };
}
