import { createPublicKey } from "node:crypto";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import type { Db, OrgSql } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  BATCH_BYTES_MAX,
  CHAIN_START,
  type LedgerEntry,
  type OutcomeEntry,
  splitBatch,
  verifyBatch,
} from "@sluice/ledger";
import { outcomeRow, recordRow } from "./record-row.ts";

const decompress = promisify(zstdDecompress);

/** A batch as it came over the stream; org and enforcer are the certificate's. */
export interface IncomingBatch {
  readonly orgId: string;
  readonly enforcerId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly payloadZstd: Uint8Array;
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  readonly previous: Uint8Array;
}

/** Up to where everything of this enforcer is committed now, and whether this batch was already. */
export interface Ingested {
  readonly ackedSeq: number;
  readonly repeated: boolean;
}

/** Why a batch is not stored. `gap` heals when what is missing arrives; the others never do. */
export type IngestError = TaggedError<"ingest.gap" | "ingest.refused" | "ingest.unknown_enforcer">;

/**
 * Stores one batch exactly once: records, outcomes, chain head and the enforcer's `ackedSeq` are one transaction, under
 * the lock of the enforcer's row. A batch that is stored already changes nothing; one that comes too early is a gap. Before
 * anything is written, the chain is checked: it must continue the stored head and be signed by a key that the org's
 * authority certified for this enforcer.
 */
export async function ingestBatch(db: Db, batch: IncomingBatch): Promise<Result<Ingested, IngestError>> {
  const bytes = await unpack(batch.payloadZstd);
  if (!bytes) return refused("The batch's payload cannot be unpacked within its bounds.");
  const split = splitBatch(bytes, batch);
  if (!split.ok) return refused(split.error.public, split.error.internal);
  const entries = split.value.map(({ entry }) => entry);
  return db.withOrgSql(batch.orgId, async (sql) => {
    const state = await lockEnforcer(sql, batch.enforcerId);
    if (!state) return err(taggedError("ingest.unknown_enforcer", "There is no such enforcer in this org."));
    const { ackedSeq } = state;
    if (batch.lastSeq <= ackedSeq) return ok({ ackedSeq, repeated: true });
    if (batch.firstSeq > ackedSeq + 1) {
      const text = `After ${ackedSeq} comes ${batch.firstSeq}: what is between has not arrived yet.`;
      return err(taggedError("ingest.gap", text, { retry: "later" }));
    }
    const checked = checkChain(batch, bytes, state);
    if (!checked.ok) return checked;
    await storeEntries(sql, batch, entries);
    await insertHead(sql, batch);
    await sql.query(
      `UPDATE enforcer SET "ackedSeq" = $2, "chainHead" = $3, "recordsRefusedReason" = NULL, "recordsRefusedAt" = NULL
       WHERE id = $1`,
      [batch.enforcerId, batch.lastSeq, Buffer.from(batch.head)],
    );
    return ok({ ackedSeq: batch.lastSeq, repeated: false });
  });
}

interface EnforcerState {
  readonly ackedSeq: number;
  readonly chainHead: Uint8Array;
  /** SubjectPublicKeyInfo of every key certified for it */
  readonly keys: readonly Buffer[];
}

async function lockEnforcer(sql: OrgSql, enforcerId: string): Promise<EnforcerState | undefined> {
  const { rows } = await sql.query<{ acked: string; head: Buffer | null }>(
    `SELECT "ackedSeq"::text AS acked, "chainHead" AS head FROM enforcer WHERE id = $1 FOR UPDATE`,
    [enforcerId],
  );
  const [row] = rows;
  if (!row) return undefined;
  const keys = await sql.query<{ key: Buffer }>(
    `SELECT DISTINCT "publicKey" AS key FROM enforcer_certificate WHERE "enforcerId" = $1`,
    [enforcerId],
  );
  return { ackedSeq: Number(row.acked), chainHead: row.head ?? CHAIN_START, keys: keys.rows.map(({ key }) => key) };
}

function checkChain(batch: IncomingBatch, bytes: Uint8Array, state: EnforcerState): Result<true, IngestError> {
  let reason = "No key was certified for this enforcer.";
  for (const der of state.keys) {
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    const after = { head: state.chainHead, seq: state.ackedSeq };
    const { orgId, enforcerId } = batch;
    const verified = verifyBatch({ ...batch, bytes }, { orgId, enforcerId, publicKey, after });
    if (verified.ok) return ok(true);
    reason = `${verified.error.code}: ${verified.error.public}`;
    if (verified.error.code !== "chain.bad_signature") break; // another key would say the same
  }
  return refused(reason);
}

function refused(text: string, internal = text): Result<never, IngestError> {
  return err(taggedError("ingest.refused", text, { internal }));
}

async function unpack(payload: Uint8Array): Promise<Buffer | undefined> {
  try {
    return await decompress(payload, { maxOutputLength: BATCH_BYTES_MAX });
  } catch {
    return undefined; // refused by name: not zstd, or larger than a batch may be
  }
}

// What is bound to be there already (a repeat that overlaps) is left as it is: the key is (org, enforcer, seq, at).
const INSERT_RECORDS = `
  INSERT INTO record ("orgId", "enforcerId", "seq", "at", "id", "kind", "sessionId", "siteId", "resourceId",
    "resourceName", "principalType", "principalId", "principalName", "onBehalfOf", "verdict", "actions", "objects",
    "classes", "policies", "reason", "statement", "statementDigest", "approvalId", "bundleVersion", "status", "rows",
    "bytes", "maskedCells", "durationUs", "error", "outcomeSeq", "outcome", "body")
  SELECT $1::uuid, $2::uuid, r."seq", r."at", r."id", r."kind", r."sessionId", r."siteId", r."resourceId",
    r."resourceName", r."principalType", r."principalId", r."principalName", r."onBehalfOf", r."verdict", r."actions",
    r."objects", r."classes", r."policies", r."reason", r."statement", r."statementDigest", r."approvalId",
    r."bundleVersion", r."status", r."rows", r."bytes", r."maskedCells", r."durationUs", r."error",
    r."outcomeSeq", r."outcome", r."body"
  FROM jsonb_to_recordset($3::jsonb) AS r("seq" bigint, "at" timestamptz, "id" uuid, "kind" text, "sessionId" uuid,
    "siteId" uuid, "resourceId" uuid, "resourceName" text, "principalType" text, "principalId" text,
    "principalName" text, "onBehalfOf" text, "verdict" text, "actions" text[], "objects" text[], "classes" text[],
    "policies" text[], "reason" text, "statement" text, "statementDigest" text, "approvalId" uuid, "bundleVersion" int,
    "status" text, "rows" bigint, "bytes" bigint, "maskedCells" bigint, "durationUs" bigint, "error" text,
    "outcomeSeq" bigint, "outcome" jsonb, "body" jsonb)
  ON CONFLICT DO NOTHING`;

const COMPLETE_RECORDS = `
  UPDATE record SET "outcomeSeq" = o."seq", "outcome" = o."body", "status" = o."status", "verdict" = o."verdict",
    "reason" = coalesce(o."reason", record."reason"), "approvalId" = coalesce(o."approvalId", record."approvalId"),
    "rows" = o."rows", "bytes" = o."bytes", "maskedCells" = o."maskedCells", "durationUs" = o."durationUs",
    "error" = o."error"
  FROM jsonb_to_recordset($3::jsonb) AS o("seq" bigint, "ofSeq" bigint, "ofAt" timestamptz, "verdict" text,
    "reason" text, "approvalId" uuid, "status" text, "rows" bigint, "bytes" bigint, "maskedCells" bigint,
    "durationUs" bigint, "error" text, "body" jsonb)
  WHERE record."orgId" = $1::uuid AND record."enforcerId" = $2::uuid AND record."seq" = o."ofSeq"
    AND record."at" = o."ofAt" AND record."outcomeSeq" IS NULL AND record."status" = 'running'`;

/** Inserts the records, complete where the outcome is in the batch too; the other outcomes complete rows of before. */
async function storeEntries(sql: OrgSql, batch: IncomingBatch, entries: readonly LedgerEntry[]): Promise<void> {
  const outcomes = new Map<number, OutcomeEntry>();
  for (const entry of entries) if (entry.kind === "outcome") outcomes.set(entry.ofSeq, entry);
  const rows: ReturnType<typeof recordRow>[] = [];
  for (const entry of entries) {
    if (entry.kind === "outcome") continue;
    const outcome = entry.outcome ? undefined : outcomes.get(entry.seq);
    const fits = outcome?.ofAtMs === entry.atMs;
    rows.push(recordRow(entry, fits ? outcome : undefined));
    if (fits) outcomes.delete(entry.seq);
  }
  const later = [...outcomes.values()].map(outcomeRow);
  const { orgId, enforcerId } = batch;
  if (rows.length > 0) await sql.query(INSERT_RECORDS, [orgId, enforcerId, JSON.stringify(rows)]);
  if (later.length > 0) await sql.query(COMPLETE_RECORDS, [orgId, enforcerId, JSON.stringify(later)]);
}

async function insertHead(sql: OrgSql, batch: IncomingBatch): Promise<void> {
  await sql.query(
    `INSERT INTO chain_head ("orgId", "enforcerId", "firstSeq", "lastSeq", "previous", "head", "signature", "payload")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      batch.orgId,
      batch.enforcerId,
      batch.firstSeq,
      batch.lastSeq,
      Buffer.from(batch.previous),
      Buffer.from(batch.head),
      Buffer.from(batch.signature),
      Buffer.from(batch.payloadZstd),
    ],
  );
}
