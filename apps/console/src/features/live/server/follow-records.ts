import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { wakes } from "../../../server/live.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { also, ROW_COLUMNS, recordRowOf, type StoredRecord, whereOf } from "../../audit/index.ts";
import type { LiveEvent, liveInputSchema } from "../schemas.ts";
import { decodePosition, encodePosition } from "./live-position.ts";

/** Transactions commit out of order: each look goes back this far and skips what was already sent. */
const OVERLAP_MS = 3_000;
/** A client that was away longer starts from here and reads the rest in Audit. */
const REPLAY_MS_MAX = 10 * 60_000;
const ROWS_PER_LOOK = 300;
/** More than this at once nobody can watch: the feed goes on from now and says that it skipped. */
const LOOKS_PER_WAKE = 4;
/** Sent records whose outcome is awaited, at most; the oldest are let go. */
const RUNNING_MAX = 500;

interface Feed {
  readonly deps: Deps;
  readonly scope: OrgScope;
  readonly filter: z.infer<typeof liveInputSchema>;
  /** id → receivedAt of what was sent within the overlap */
  readonly sent: Map<string, number>;
  /** ids sent while running */
  readonly running: Set<string>;
  afterMs: number;
  skipped: boolean;
}

/**
 * Records as they are committed, from `lastEventId` (at most ten minutes back) on, oldest first, until the signal. A record
 * comes again, marked `update`, when its outcome is known. Memory is bounded however long it runs.
 */
export async function* followRecords(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof liveInputSchema>,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; event: LiveEvent }> {
  const now = deps.clock.now();
  const asked = decodePosition(input.lastEventId)?.afterMs ?? now;
  const afterMs = Math.min(Math.max(asked, now - REPLAY_MS_MAX), now);
  const feed: Feed = { deps, scope, filter: input, sent: new Map(), running: new Set(), afterMs, skipped: false };
  for await (const _ of wakes(deps, scope.org.id, signal)) {
    for (let looks = 1; !signal.aborted; looks += 1) {
      const rows = await look(feed);
      for (const row of rows) yield eventOf(feed, row, false);
      if (rows.length === ROWS_PER_LOOK && looks === LOOKS_PER_WAKE) skipAhead(feed);
      forget(feed);
      if (rows.length < ROWS_PER_LOOK || looks === LOOKS_PER_WAKE) break;
    }
    for (const row of await lookAtRunning(feed)) yield eventOf(feed, row, true);
  }
}

async function look(feed: Feed): Promise<StoredRecord[]> {
  const where = whereOf(feed.scope, feed.filter);
  also(where, `r."receivedAt" >= ?`, new Date(feed.afterMs - OVERLAP_MS));
  // Live means now: an enforcer that delivers hours late shows in Audit. This also keeps the scan on the newest rows.
  also(where, `r."at" >= ?`, new Date(feed.afterMs - OVERLAP_MS - REPLAY_MS_MAX));
  also(where, `r."id" <> ALL(?::uuid[])`, [...feed.sent.keys()]);
  const { rows } = await feed.scope.data.sql((sql) =>
    sql.query<StoredRecord>(
      `SELECT ${ROW_COLUMNS} FROM "record" r WHERE ${where.conditions.join(" AND ")}
       ORDER BY r."receivedAt", r."at", r."id" LIMIT ${ROWS_PER_LOOK}`,
      where.values,
    ),
  );
  return rows;
}

async function lookAtRunning(feed: Feed): Promise<StoredRecord[]> {
  if (feed.running.size === 0) return [];
  const since = new Date(feed.deps.clock.now() - 24 * 60 * 60_000);
  const { rows } = await feed.scope.data.sql((sql) =>
    sql.query<StoredRecord>(
      `SELECT ${ROW_COLUMNS} FROM "record" r
       WHERE r."id" = ANY($1::uuid[]) AND r."at" >= $2 AND r."status" <> 'running' ORDER BY r."at"`,
      [[...feed.running], since],
    ),
  );
  return rows;
}

function eventOf(feed: Feed, row: StoredRecord, update: boolean): { id: string; event: LiveEvent } {
  if (update) {
    feed.running.delete(row.id);
  } else {
    const receivedMs = row.receivedAt.getTime();
    feed.sent.set(row.id, receivedMs);
    feed.afterMs = Math.max(feed.afterMs, receivedMs);
    if (row.status === "running") feed.running.add(row.id);
    const [oldest] = feed.running;
    if (feed.running.size > RUNNING_MAX && oldest !== undefined) feed.running.delete(oldest);
  }
  const { skipped } = feed;
  feed.skipped = false;
  return { id: encodePosition(feed), event: { record: recordRowOf(row), update, ...(skipped ? { skipped } : {}) } };
}

function skipAhead(feed: Feed): void {
  feed.afterMs = feed.deps.clock.now() + OVERLAP_MS;
  feed.skipped = true;
}

/** Drops what no later look can find again. */
function forget(feed: Feed): void {
  for (const [id, receivedMs] of feed.sent) if (receivedMs < feed.afterMs - OVERLAP_MS) feed.sent.delete(id);
}
