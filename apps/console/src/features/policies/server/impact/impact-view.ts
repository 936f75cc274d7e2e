import type { OrgTx } from "@sluice/db";
import { roleAllows } from "../../../../server/auth/permissions.ts";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { type Impact, impactResultSchema, impactSchema } from "../../impact-schemas.ts";
import { flipsMaxNow, secondPersonReason } from "./publish-rule.ts";
import { RULE_SPAN } from "./span.ts";

const STATEMENT_CHARS = 300;
type Row = NonNullable<Awaited<ReturnType<OrgTx["policyImpact"]["findUnique"]>>>;

/** An impact as the reader may see it: statements only for those who may read records. */
export async function viewImpact(tx: OrgTx, deps: Pick<Deps, "clock">, scope: OrgScope, row: Row): Promise<Impact> {
  const result = row.result === null ? null : impactResultSchema.parse(row.result);
  const org = await tx.org.findUniqueOrThrow({ where: { id: scope.org.id } });
  const flipsMax = flipsMaxNow(org, deps.clock.now());
  const ruled = result !== null && row.span === RULE_SPAN;
  const ids = roleAllows(scope.actor.role, "records:read")
    ? (result?.examples.map(({ recordId }) => recordId) ?? [])
    : [];
  return impactSchema.parse({
    id: row.id,
    digest: row.digest,
    baseVersion: row.baseVersion,
    anchorVersion: row.anchorVersion,
    span: row.span,
    from: row.fromAt.toISOString(),
    to: row.toAt.toISOString(),
    status: row.status,
    seen: row.seen,
    total: row.total,
    flips: row.flips,
    error: row.error,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    result,
    statements: await readStatements(tx, ids),
    rule: ruled ? { flipsMax, needsSecond: secondPersonReason(result, flipsMax) } : null,
  });
}

async function readStatements(tx: OrgTx, ids: readonly string[]): Promise<Record<string, string>> {
  if (ids.length === 0) return {};
  const records = await tx.record.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, statement: true, kind: true },
  });
  return Object.fromEntries(
    records.map(({ id, kind, statement }) => [
      id,
      statement?.slice(0, STATEMENT_CHARS) ?? (kind === "session" ? "opens a session" : ""),
    ]),
  );
}
