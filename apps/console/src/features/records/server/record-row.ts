import type { LedgerRecord, OutcomeEntry } from "@sluice/ledger";
import { storable, storableText } from "./storable.ts";

/**
 * One row of `record`, as the ingest statement takes it (jsonb_to_recordset). With the outcome that came in the same batch
 * it is complete at once, which spares the database an update.
 */
export function recordRow(record: LedgerRecord, completedBy?: OutcomeEntry) {
  const row = openRow(record);
  if (!completedBy) return row;
  const { seq, body, ofSeq: _ofSeq, ofAt: _ofAt, reason, approvalId, ...columns } = outcomeRow(completedBy);
  const kept = { reason: reason ?? row.reason, approvalId: approvalId ?? row.approvalId };
  return { ...row, ...columns, ...kept, outcomeSeq: seq, outcome: body };
}

function openRow(record: LedgerRecord) {
  const [actor, behind] = record.principals;
  const { facts, outcome } = record;
  return {
    seq: record.seq,
    at: new Date(record.atMs).toISOString(),
    id: record.id,
    kind: record.kind,
    sessionId: record.sessionId ?? null,
    siteId: record.siteId ?? null,
    resourceId: uuidOrNull(record.resource?.id),
    resourceName: text(record.resource?.name),
    principalType: actor?.type ?? "System",
    principalId: storableText(actor?.id ?? ""),
    principalName: storableText(actor?.name ?? ""),
    onBehalfOf: text(behind?.id),
    verdict: record.verdict,
    actions: unique(record.decisions.map(({ action }) => action)),
    objects: unique(facts ? [...facts.reads, ...facts.writes] : record.decisions.map(({ resource }) => resource.id)),
    classes: unique(facts?.classes ?? []),
    policies: unique(record.decisions.flatMap(({ policies }) => policies)),
    reason: text(record.reason),
    statement: text(record.statement),
    statementDigest: text(record.statementDigest),
    approvalId: record.approval?.id ?? null,
    bundleVersion: record.bundleVersion,
    status: outcome?.status ?? "running",
    ...(outcome ? outcomeColumns(outcome) : nothing),
    outcomeSeq: null,
    outcome: null,
    body: storable(record),
  };
}

/** What an outcome entry writes into the row of the record that it completes. */
export function outcomeRow(entry: OutcomeEntry) {
  return {
    seq: entry.seq,
    ofSeq: entry.ofSeq,
    ofAt: new Date(entry.ofAtMs).toISOString(),
    verdict: entry.verdict,
    reason: text(entry.reason),
    approvalId: entry.approval?.id ?? null,
    status: entry.outcome.status,
    ...outcomeColumns(entry.outcome),
    body: storable(entry),
  };
}

const nothing = { rows: null, bytes: null, maskedCells: null, durationUs: null, error: null };

function outcomeColumns(outcome: OutcomeEntry["outcome"]) {
  return {
    rows: outcome.rows,
    bytes: outcome.bytes,
    maskedCells: Object.values(outcome.maskedCells).reduce((sum, cells) => sum + cells, 0),
    durationUs: outcome.durationUs,
    error: text(outcome.error),
  };
}

function text(value: string | undefined): string | null {
  return value === undefined ? null : storableText(value);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].map(storableText);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function uuidOrNull(value: string | undefined): string | null {
  return value !== undefined && uuid.test(value) ? value : null;
}
