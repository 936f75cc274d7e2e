import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { type LedgerEntry, ledgerEntrySchema } from "./record.ts";

/** Most entries of one batch. */
export const BATCH_ENTRIES_MAX = 500;
/** Most bytes of one batch before compression: 4 MiB. */
export const BATCH_BYTES_MAX = 4_194_304;

/** Why a batch's bytes are not what its head says. */
export type BatchError = TaggedError<
  "batch.too_large" | "batch.malformed" | "batch.wrong_owner" | "batch.wrong_sequence"
>;

/** Whose entries a batch must hold, and which. */
export interface BatchClaim {
  readonly orgId: string;
  readonly enforcerId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** An entry with its own line: the line, not a new text of the entry, is what the chain covers. */
export interface BatchEntry {
  readonly entry: LedgerEntry;
  readonly line: string;
}

/**
 * Parses a batch: JSON lines, each ended by a line feed, of the claimed owner, numbered from first to last without a
 * gap. What an enforcer sends is not trusted: org and enforcer come from its certificate, never from the lines.
 */
export function splitBatch(bytes: Uint8Array, claim: BatchClaim): Result<BatchEntry[], BatchError> {
  const count = claim.lastSeq - claim.firstSeq + 1;
  if (bytes.length > BATCH_BYTES_MAX || count > BATCH_ENTRIES_MAX) {
    return err(taggedError("batch.too_large", `A batch holds at most ${BATCH_ENTRIES_MAX} entries and 4 MiB.`));
  }
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").split("\n");
  if (lines.pop() !== "" || lines.length !== count) {
    return err(taggedError("batch.malformed", `The batch does not hold ${count} whole lines.`));
  }
  const entries: BatchEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = parseEntry(line, claim, claim.firstSeq + index);
    if (!entry.ok) return entry;
    entries.push({ entry: entry.value, line });
  }
  return ok(entries);
}

function parseEntry(line: string, claim: BatchClaim, seq: number): Result<LedgerEntry, BatchError> {
  const parsed = ledgerEntrySchema.safeParse(parseJson(line));
  if (!parsed.success) {
    return err(
      taggedError("batch.malformed", `Entry ${seq} does not have the form of a record.`, {
        internal: parsed.error.message,
      }),
    );
  }
  const entry = parsed.data;
  if (entry.orgId !== claim.orgId || entry.enforcerId !== claim.enforcerId) {
    return err(taggedError("batch.wrong_owner", `Entry ${seq} names another org or enforcer.`));
  }
  if (entry.seq !== seq)
    return err(taggedError("batch.wrong_sequence", `Entry ${seq} carries the number ${entry.seq}.`));
  return ok(entry);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not JSON: the schema that follows refuses it
  }
}
