import type { Result, TaggedError } from "@sluice/kernel";
import type { LedgerRecord, OutcomeEntry } from "@sluice/ledger";
import type { RecordForm } from "./record-form.ts";

/** A record before the recorder gave it its number, org and enforcer. */
export type RecordDraft = Omit<LedgerRecord, "v" | "seq" | "orgId" | "enforcerId" | "siteId">;

/** The proof that an intent is in the spool's file. Without it no permit is minted. */
export interface RecordTicket {
  readonly id: string;
  readonly seq: number;
  readonly atMs: number;
}

/** Why nothing could be recorded, and so nothing may pass. */
export type RecorderError = TaggedError<"recorder.full" | "recorder.failed" | "recorder.closed">;

/** The append-only spool. Every call is O(1) and bounded. */
export interface Recorder {
  /**
   * Writes a record into the file before it returns: a killed process loses nothing. An exchange or session without an
   * outcome is open until `finish`, or until a restart completes it as aborted. Parts that repeat (facts, decisions,
   * principals) are cheap when they are frozen, deeply: they are written out once and remembered.
   */
  begin(draft: RecordDraft): Result<RecordTicket, RecorderError>;
  /** As `begin`, for records that differ in their time and their id, which is made here: what they share is written out once. */
  beginForm(form: RecordForm, atMs: number): Result<RecordTicket, RecorderError>;
  /** Resolves when the record is on disk (group commit, at most 10 ms later). Rejects when the disk fails. */
  durable(ticket: RecordTicket): Promise<void>;
  /**
   * Completes a begun record. Never refuses: room for it was reserved by `begin`. It is in the file before the next sync
   * begins, which is within 9 ms unless one is under way. What a killed process had not written ends as aborted.
   */
  finish(ticket: RecordTicket, outcome: Pick<OutcomeEntry, "verdict" | "reason" | "approval" | "outcome">): void;
  /** Whether traffic that must be recorded may start now. */
  health(): { readonly ok: boolean; readonly reason: string; readonly spoolBytes: number; readonly lastSeq: number };
}
