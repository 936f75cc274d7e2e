import type { OrgScope } from "../../../server/scope.ts";
import { also, type Where, whereOf } from "../../audit/index.ts";
import type { Overview } from "../schemas.ts";

const MINUTE_MS = 60_000;
const MINUTES_SHOWN = 60;
const DAY_MS = 24 * 60 * MINUTE_MS;
const REFUSALS_SHOWN = 5;

type Verdict = "allow" | "mask" | "ask" | "deny";
interface Counted {
  readonly verdict: Verdict;
  readonly count: number;
}

/** Exchanges of the last hour by minute and of the last day in all, as far as the member may see them. */
export async function countExchanges(
  scope: OrgScope,
  nowMs: number,
): Promise<Pick<Overview, "perMinute" | "last24h" | "topRefusals">> {
  const dayAgo = () => exchangesSince(scope, nowMs - DAY_MS);
  const firstMinuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - (MINUTES_SHOWN - 1) * MINUTE_MS;
  return scope.data.sql(async (sql) => {
    const recent = exchangesSince(scope, firstMinuteMs);
    const minutes = await sql.query<Counted & { minute: Date }>(
      `SELECT date_trunc('minute', r."at") AS minute, r."verdict", count(*)::int AS count
       FROM "record" r WHERE ${recent.conditions.join(" AND ")} GROUP BY 1, 2`,
      recent.values,
    );
    const day = dayAgo();
    const totals = await sql.query<Counted & { masked: string | null }>(
      `SELECT r."verdict", count(*)::int AS count, sum(r."maskedCells") AS masked
       FROM "record" r WHERE ${day.conditions.join(" AND ")} GROUP BY 1`,
      day.values,
    );
    const people = await sql.query<{ count: number }>(
      `SELECT count(DISTINCT (r."principalType", r."principalId"))::int AS count
       FROM "record" r WHERE ${day.conditions.join(" AND ")}`,
      day.values,
    );
    const refusals = await sql.query<{ policy: string; count: number; reason: string | null }>(
      `SELECT policy, count(*)::int AS count, (array_agg(r."reason" ORDER BY r."at" DESC))[1] AS reason
       FROM "record" r, unnest(r."policies") AS policy
       WHERE ${day.conditions.join(" AND ")} AND r."verdict" = 'deny'
       GROUP BY policy ORDER BY count DESC, policy LIMIT ${REFUSALS_SHOWN}`,
      day.values,
    );
    return {
      perMinute: series(firstMinuteMs, minutes.rows),
      last24h: {
        ...counts(totals.rows),
        maskedCells: totals.rows.reduce((sum, row) => sum + Number(row.masked ?? 0), 0),
        principals: people.rows[0]?.count ?? 0,
      },
      topRefusals: refusals.rows,
    };
  });
}

function exchangesSince(scope: OrgScope, fromMs: number): Where {
  const where = whereOf(scope, { kinds: ["exchange"] });
  also(where, `r."at" >= ?`, new Date(fromMs));
  return where;
}

function series(firstMs: number, rows: readonly (Counted & { minute: Date })[]): Overview["perMinute"] {
  return Array.from({ length: MINUTES_SHOWN }, (_, index) => {
    const atMs = firstMs + index * MINUTE_MS;
    return { at: new Date(atMs).toISOString(), ...counts(rows.filter(({ minute }) => minute.getTime() === atMs)) };
  });
}

function counts(rows: readonly Counted[]): Record<Verdict, number> {
  const sum = { allow: 0, mask: 0, ask: 0, deny: 0 };
  for (const { verdict, count } of rows) sum[verdict] += count;
  return sum;
}
