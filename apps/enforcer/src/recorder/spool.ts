import type { KeyObject } from "node:crypto";
import { assert, type Clock, err, ok, type Result, taggedError } from "@sluice/kernel";
import { CHAIN_HEAD_BYTES, signHead } from "@sluice/ledger";
import { logger } from "@sluice/telemetry";
import type { EntryOwner } from "./entry-text.ts";
import { FRAME, FRAME_HEADER_BYTES, type FrameKind, makeFrame } from "./frame.ts";
import { GroupCommit } from "./group-commit.ts";
import { OUTCOME_LINE_BYTES_MAX, type OutcomeDraft } from "./outcome-line.ts";
import { RecordForm } from "./record-form.ts";
import type { RecordDraft, Recorder, RecorderError, RecordTicket } from "./recorder.ts";
import { failed, full } from "./refusals.ts";
import { Segments } from "./segments.ts";
import type { SpoolIo } from "./spool-io.ts";
import type { OpenIntent, RecoveredSpool } from "./spool-recovery.ts";
import { type FrameSpan, UnsealedBatch } from "./unsealed-batch.ts";

const log = logger("enforcer.recorder");

/** How often a failed spool tries again. */
const RETRY_MS = 250;
/** How long an outcome waits for a write that it can go with. */
const OUTCOME_WAIT_MS = 1;
/** Room that must be there before a failed spool works again. */
const PROBE_BYTES = 65_536;
const OUTCOME_FRAME_BYTES = OUTCOME_LINE_BYTES_MAX + FRAME_HEADER_BYTES;
const SEAL_FRAME_BYTES = FRAME_HEADER_BYTES + 2 * CHAIN_HEAD_BYTES + 80;

/** What a spool is made of. */
export interface SpoolOptions {
  readonly directory: string;
  readonly owner: EntryOwner;
  /** the enforcer's enrolment key */
  readonly signingKey: KeyObject;
  /** `begin` refuses beyond this */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly io: SpoolIo;
  /** a file is closed when it is larger than this at a seal; default an eighth of `bytesMax`, at most 16 MiB */
  readonly segmentBytes?: number;
}

/** The append-only spool: see README.md of this room for the files' form and what each step promises. */
export class Spool implements Recorder {
  readonly #options: SpoolOptions;
  readonly #segmentBytes: number;
  readonly #batch = new UnsealedBatch();
  readonly #commit: GroupCommit;
  readonly #open = new Map<number, OpenIntent>();
  /** outcomes that the disk would not take yet; at most one for each open record */
  #late: { readonly of: OpenIntent; readonly draft: OutcomeDraft }[] = [];
  readonly #files: Segments;
  #nextSeq: number;
  #head: Uint8Array;
  #failure: string | undefined;
  #ended = false;
  #sealTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #sealMs = 50;
  /** the batch's bytes before this are in the file */
  #writtenTo = 0;
  #writeTimer: NodeJS.Timeout | undefined;
  #saidFull = false;

  /** Goes on from what `recoverSpool` found; records left without an outcome are completed as aborted. */
  constructor(options: SpoolOptions, recovered: RecoveredSpool) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? Math.min(16_777_216, Math.floor(options.bytesMax / 8));
    this.#files = new Segments(options.io, options.directory, recovered);
    this.#nextSeq = recovered.nextSeq;
    this.#head = recovered.head;
    this.#commit = new GroupCommit(options.io, recovered.current, {
      failed: (error) => this.#fail(error),
    });
    this.#adopt(recovered);
  }

  #adopt(recovered: RecoveredSpool): void {
    for (const { seq, payload } of recovered.unsealed) {
      const line = payload.toString("utf8");
      if (this.#batch.full(payload.length)) this.#sealOrFail();
      const span = this.#batch.frame(FRAME.complete, { seq, ofSeq: 0 }, line); // only its payload matters from here on
      if (span === undefined) continue;
      this.#batch.keep(seq, span);
      this.#writtenTo = span.to;
    }
    for (const of of recovered.open) {
      this.#open.set(of.seq, of);
      this.finish(of, {
        verdict: of.verdict,
        reason: "The enforcer stopped before the exchange ended.",
        outcome: ABORTED,
      });
    }
    this.#commit.touch(this.#nextSeq - 1, true); // what the last life sealed may be shipped once it is on disk
    this.#scheduleSeal();
  }

  begin(draft: RecordDraft): Result<RecordTicket, RecorderError> {
    return this.beginForm(new RecordForm(draft), draft.id, draft.atMs);
  }

  beginForm(form: RecordForm, id: string, atMs: number): Result<RecordTicket, RecorderError> {
    const refused = this.#refusal();
    if (refused !== undefined) return err(refused);
    const bytesMax = this.#sizeOf(form, id);
    if (bytesMax === undefined) {
      return err(taggedError("recorder.failed", "The exchange's record cannot be written down."));
    }
    const need = bytesMax + FRAME_HEADER_BYTES + OUTCOME_FRAME_BYTES + SEAL_FRAME_BYTES;
    if (this.#used() + need > this.#options.bytesMax) return err(this.#full());
    const { kind, outcome, verdict } = form.draft;
    const open = kind !== "change" && outcome === undefined;
    const seq = this.#begun(open ? FRAME.intent : FRAME.complete, form, bytesMax, { id, atMs });
    if (seq === "failed") return err(failed(this.#failure));
    if (seq === "too_large") {
      return err(taggedError("recorder.failed", "The exchange's record is larger than a record may be."));
    }
    const ticket = { id, seq, atMs, verdict };
    if (open) this.#open.set(seq, ticket);
    return ok(ticket);
  }

  /** Writes the record into the file; gives its number. */
  #begun(
    kind: FrameKind,
    form: RecordForm,
    bytesMax: number,
    record: { readonly id: string; readonly atMs: number },
  ): number | "failed" | "too_large" {
    const batch = this.#batch;
    try {
      if (batch.full(bytesMax)) this.#seal();
      const seq = this.#nextSeq;
      const { atMs, id } = record;
      const span = batch.formFrame(kind, { id, atMs, seq }, form, this.#options.owner);
      if (span === undefined) return "too_large";
      this.#writeThrough(span.to);
      this.#keep(seq, span);
      this.#commit.touch(seq, false);
      return seq;
    } catch (error) {
      this.#fail(error);
      return "failed";
    }
  }

  // A draft that has no JSON form is its maker's bug: that exchange is refused, the spool goes on.
  #sizeOf(form: RecordForm, id: string): number | undefined {
    try {
      return form.bytesMax(this.#options.owner);
    } catch (error) {
      log.error({ err: error, recordId: id }, "spool.draft_refused");
      return undefined;
    }
  }

  durable(ticket: RecordTicket): Promise<void> {
    return this.#commit.reached(ticket.seq);
  }

  finish(ticket: RecordTicket, outcome: OutcomeDraft): void {
    const of = this.#open.get(ticket.seq);
    if (of === undefined) {
      log.error({ seq: ticket.seq, recordId: ticket.id }, "spool.finished_without_begin");
      return;
    }
    this.#open.delete(ticket.seq);
    if (this.#failure === undefined && !this.#ended && this.#writeOutcome(of, outcome)) return;
    this.#late.push({ of, draft: outcome });
  }

  /** As the contract says; `cause` is for operators: what failed and what to do. */
  health(): { ok: boolean; reason: string; cause: string; spoolBytes: number; lastSeq: number } {
    const { bytesMax } = this.#options;
    const isFull = this.#used() + PROBE_BYTES > bytesMax;
    const refused = this.#refusal() ?? (isFull ? full(this.#used(), bytesMax) : undefined);
    const { bytes } = this.#files;
    const said = { reason: refused?.public ?? "", cause: refused?.internal ?? "" };
    return { ok: refused === undefined, ...said, spoolBytes: bytes, lastSeq: this.lastSeq };
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /** Calls when something more of what was sealed is on disk, so may be shipped. */
  onSynced(listener: () => void): void {
    this.#commit.onSynced = listener;
  }

  /** Batches are sealed this long after their first entry: short while someone listens, at most a second. */
  sealEvery(ms: number): void {
    this.#sealMs = Math.min(ms, 1_000);
  }

  /** Files to read batches from, oldest first, each with the bytes that are whole and on disk. */
  readable(): readonly { readonly path: string; readonly firstSeq: number; readonly end: number }[] {
    return this.#files.readable();
  }

  /** Everything through this number is safe elsewhere: whole files of it are removed, and there is room again. */
  acknowledged(throughSeq: number): void {
    if (this.#files.remove(throughSeq) === 0 || !this.#saidFull) return;
    this.#saidFull = false;
    log.info({ throughSeq, bytes: this.#used() }, "spool.has_room");
  }

  /** A reason that stops all new records until the process ends: the spool and the control plane disagree. */
  condemn(reason: string): void {
    this.#failure = reason;
    this.#ended = true;
    log.error({ reason }, "spool.condemned");
  }

  /** Seals and syncs what is there, then refuses everything. */
  async close(): Promise<void> {
    clearTimeout(this.#sealTimer);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#writeTimer);
    if (this.#failure === undefined) this.#sealOrFail();
    this.#ended = true;
    await this.#commit.close(this.lastSeq);
    this.#options.io.close(this.#files.current.fd);
  }

  #used(): number {
    const promised = (this.#open.size + this.#late.length) * (OUTCOME_FRAME_BYTES + SEAL_FRAME_BYTES);
    return this.#files.bytes + this.#batch.end - this.#writtenTo + promised;
  }

  #refusal(): RecorderError | undefined {
    if (this.#failure !== undefined) return failed(this.#failure);
    return this.#ended ? taggedError("recorder.closed", "The enforcer is stopping.") : undefined;
  }

  #full(): RecorderError {
    const { bytesMax } = this.#options;
    if (!this.#saidFull) log.error({ bytes: this.#used(), bytesMax }, "spool.full");
    this.#saidFull = true;
    return full(this.#used(), bytesMax);
  }

  #keep(seq: number, span: FrameSpan): void {
    this.#batch.keep(seq, span);
    this.#nextSeq = seq + 1;
    if (this.#sealTimer === undefined) this.#scheduleSeal();
  }

  /** Brings the batch's bytes before `to` into the file. Throws the file system's error; then nothing was appended. */
  #writeThrough(to: number): void {
    if (to === this.#writtenTo) return;
    this.#files.current.append(this.#batch.bytes, this.#writtenTo, to);
    this.#writtenTo = to;
  }

  /** Outcomes wait for the next intent's write, or for a moment when none comes: a write of their own costs as much. */
  #writeSoon(): void {
    this.#writeTimer ??= setTimeout(() => {
      this.#writeTimer = undefined;
      if (this.#failure === undefined) this.#writeWaiting();
    }, OUTCOME_WAIT_MS);
  }

  #writeWaiting(): void {
    const batch = this.#batch;
    if (batch.end === this.#writtenTo) return;
    try {
      this.#writeThrough(batch.end);
      this.#commit.touch(batch.lastSeq, false);
    } catch (error) {
      this.#fail(error);
    }
  }

  #writeOutcome(of: OpenIntent, draft: OutcomeDraft): boolean {
    const batch = this.#batch;
    const atMs = this.#options.clock.now();
    try {
      if (batch.full(OUTCOME_LINE_BYTES_MAX)) this.#seal();
      const seq = this.#nextSeq;
      const numbers = { id: of.id, seq, atMs, ofSeq: of.seq, ofAtMs: of.atMs };
      const span = batch.outcomeFrame(draft, this.#options.owner, numbers);
      assert(span, "an outcome's line fits into a frame");
      this.#keep(seq, span);
      this.#writeSoon();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #scheduleSeal(): void {
    if (this.#ended || this.#batch.entries === 0) return;
    this.#sealTimer = setTimeout(() => {
      this.#sealTimer = undefined;
      if (this.#failure === undefined) this.#sealOrFail();
    }, this.#sealMs);
  }

  #sealOrFail(): void {
    try {
      this.#seal();
    } catch (error) {
      this.#fail(error);
    }
  }

  #seal(): void {
    const batch = this.#batch;
    if (batch.entries === 0) return;
    this.#writeThrough(batch.end);
    const { firstSeq, lastSeq } = batch;
    const head = batch.head(this.#head);
    const { orgId, enforcerId } = this.#options.owner;
    const signature = signHead(
      { orgId, enforcerId, firstSeq, lastSeq, previous: this.#head, head },
      this.#options.signingKey,
    );
    const payload = Buffer.concat([this.#head, head, signature]);
    const frame = makeFrame(FRAME.seal, { seq: lastSeq, ofSeq: firstSeq }, payload);
    this.#files.current.append(frame, 0, frame.length);
    this.#head = head;
    batch.clear();
    this.#writtenTo = 0;
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    this.#commit.touch(lastSeq, true);
    if (this.#files.current.end > this.#segmentBytes) this.#commit.moveTo(this.#files.rotate(lastSeq, head));
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error instanceof Error ? error.message : "the spool's disk failed";
    log.error({ err: error, spoolBytes: this.#files.bytes }, "spool.failed");
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    if (this.#ended) return; // closed or condemned meanwhile
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#recover(), RETRY_MS);
  }

  async #recover(): Promise<void> {
    try {
      this.#files.current.probe(PROBE_BYTES);
      this.#files.current.rewriteUnsynced();
      await this.#commit.retry();
    } catch (error) {
      log.debug({ err: error }, "spool.still_failing"); // the first failure was logged as an error
      return this.#scheduleRetry();
    }
    if (this.#ended) return;
    this.#failure = undefined;
    this.#writeWaiting();
    if (this.#failure === undefined) this.#writeLate();
    if (this.#failure !== undefined) return;
    log.info({ lastSeq: this.lastSeq }, "spool.recovered");
    if (this.#sealTimer === undefined) this.#scheduleSeal();
  }

  #writeLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const { of, draft } of late) {
      if (this.#failure !== undefined || !this.#writeOutcome(of, draft)) this.#late.push({ of, draft });
    }
  }
}

const ABORTED = { status: "aborted", rows: 0, bytes: 0, maskedCells: {}, durationUs: 0, decideUs: 0 } as const;
