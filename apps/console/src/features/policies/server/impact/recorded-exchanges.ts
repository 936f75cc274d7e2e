import { recordSchema } from "@sluice/ledger";
import type { OrgData } from "../../../../server/scope.ts";
import type { ReplayRecord } from "./replay-request.ts";
import { REPLAYED_MAX } from "./span.ts";

const CHUNK_ROWS = 500;
/** Where in 2^20 a sampled record's hash may lie. */
const HASH_SPACE = 1_048_576;

/** One recorded exchange as it is read for a replay. */
export interface RecordedExchange {
  readonly id: string;
  readonly siteId: string | null;
  /** undefined for a form that this version does not know */
  readonly record: ReplayRecord | undefined;
}

/** A span of records, and how many of them are read. */
export interface RecordSpan {
  readonly from: Date;
  readonly to: Date;
  /** in the span */
  readonly records: number;
  /** names a sample: whoever writes records cannot tell which will be in it */
  readonly seed: number;
}

/** Counts the exchanges and session openings of a span. */
export async function countRecorded(data: OrgData, from: Date, to: Date): Promise<number> {
  const { rows } = await data.sql((sql) =>
    sql.query<{ records: string }>(
      `SELECT count(*) AS records FROM "record" r WHERE r."at" >= $1 AND r."at" < $2 AND r."kind" <> 'change'`,
      [from, to],
    ),
  );
  return Number(rows[0]?.records ?? 0);
}

const bodySchema = recordSchema.pick({ principals: true, client: true, resource: true, facts: true, decisions: true });

interface StoredRow {
  readonly id: string;
  readonly at: Date;
  readonly siteId: string | null;
  readonly body: unknown;
}

/**
 * Reads a span's exchanges, newest first, in chunks of one short transaction each. Of more than `REPLAYED_MAX` an even sample
 * of about that many. Ids are in each, whatever its form.
 */
export async function* recordedExchanges(data: OrgData, span: RecordSpan): AsyncGenerator<RecordedExchange[]> {
  const share = Math.floor(HASH_SPACE * Math.min(1, REPLAYED_MAX / Math.max(1, span.records)));
  let before = { at: span.to, id: "ffffffff-ffff-ffff-ffff-ffffffffffff" };
  for (;;) {
    const { at, id } = before;
    const { rows } = await data.sql((sql) =>
      sql.query<StoredRow>(
        `SELECT r."id", r."at", r."siteId",
                jsonb_build_object('principals', r."body"->'principals', 'client', r."body"->'client',
                  'resource', r."body"->'resource', 'facts', r."body"->'facts', 'decisions', r."body"->'decisions') AS body
         FROM "record" r
         WHERE r."at" >= $1 AND r."at" <= $2 AND (r."at", r."id") < ($2, $3::uuid) AND r."kind" <> 'change'
           AND ($4 = ${HASH_SPACE} OR (hashtextextended(r."id"::text, $5) & ${HASH_SPACE - 1}) < $4)
         ORDER BY r."at" DESC, r."id" DESC LIMIT ${CHUNK_ROWS}`,
        [span.from, at, id, share, span.seed],
      ),
    );
    if (rows.length > 0) yield rows.map(exchangeOf);
    const last = rows.at(-1);
    if (rows.length < CHUNK_ROWS || last === undefined) return;
    before = last;
  }
}

function exchangeOf({ at, body, id, siteId }: StoredRow): RecordedExchange {
  const parsed = bodySchema.safeParse(withoutNulls(body));
  const atMs = at.getTime();
  return { id, siteId, record: parsed.success ? { atMs, ...parsed.data } : undefined };
}

/** jsonb_build_object writes null for what a record does not have. */
function withoutNulls(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([, part]) => part !== null));
}
