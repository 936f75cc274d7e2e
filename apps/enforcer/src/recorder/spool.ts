import { err, ok, type Result, taggedError } from "@sluice/kernel";
import { CHAIN_HEAD_BYTES } from "@sluice/ledger";
import { logger } from "@sluice/telemetry";
import { ChainWriter, type Finished } from "./chain-writer.ts";
import { FRAME, FRAME_HEADER_BYTES, type FrameKind } from "./frame.ts";
import { GroupCommit } from "./group-commit.ts";
import { OpenRecord } from "./open-record.ts";
import { OUTCOME_LINE_BYTES_MAX, type OutcomeDraft } from "./outcome-line.ts";
import { RecordForm } from "./record-form.ts";
import { type RecordId, RecordIds, recordId } from "./record-id.ts";
import type { RecordDraft, Recorder, RecorderError, RecordTicket } from "./recorder.ts";
import { failed, full, unwritable } from "./refusals.ts";
import { Segments } from "./segments.ts";
import type { SpoolOptions } from "./spool-options.ts";
import type { RecoveredSpool } from "./spool-recovery.ts";

const log = logger("enforcer.recorder");

/** How often a failed spool tries again. */
const RETRY_MS = 250;
/** Outcomes are written down so many at a time, or with the next sync: one after another they find their code in the cache. */
const FINISHED_MAX = 32;
/** Room that must be there before a failed spool works again. */
const PROBE_BYTES = 65_536;
const OUTCOME_FRAME_BYTES = OUTCOME_LINE_BYTES_MAX + FRAME_HEADER_BYTES;
const SEAL_FRAME_BYTES = FRAME_HEADER_BYTES + 2 * CHAIN_HEAD_BYTES + 80;

/** The append-only spool: see README.md of this room for the files' form and what each step promises. */
export class Spool implements Recorder {
  readonly #options: SpoolOptions;
  readonly #chain: ChainWriter;
  readonly #commit: GroupCommit;
  readonly #ids = new RecordIds();
  /** records that await their outcome */
  #open = 0;
  /** outcomes that are not written down yet, for a moment or while the disk takes none; at most one for each record */
  readonly #finished: Finished[] = [];
  readonly #files: Segments;
  #failure: string | undefined;
  #ended = false;
  #sealTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #sealMs = 50;
  #saidFull = false;

  /** Goes on from what `recoverSpool` found; records left without an outcome are completed as aborted. */
  constructor(options: SpoolOptions, recovered: RecoveredSpool) {
    this.#options = options;
    const { bytesMax, directory, io, owner, signingKey } = options;
    const segmentBytes = options.segmentBytes ?? Math.min(16_777_216, Math.floor(bytesMax / 8));
    this.#files = new Segments(io, directory, recovered);
    this.#commit = new GroupCommit(io, recovered.current, {
      failed: (error) => this.#fail(error),
      begins: () => this.#writeWaiting(),
    });
    const files = this.#files;
    const events = {
      sealed: (lastSeq: number) => this.#sealed(lastSeq),
      moved: (next: Segments["current"]) => this.#commit.moveTo(next),
      kept: () => this.#scheduleSeal(),
    };
    this.#chain = new ChainWriter({ files, owner, signingKey, segmentBytes, ...events }, recovered);
    this.#adopt(recovered);
  }

  #adopt(recovered: RecoveredSpool): void {
    this.#orFail(() => recovered.unsealed.forEach(({ seq, payload }) => this.#chain.adopt(seq, payload)));
    for (const { atMs, id, seq, verdict } of recovered.open) {
      this.#open++;
      this.finish(new OpenRecord(recordId(id), seq, atMs), {
        verdict,
        reason: "The enforcer stopped before the exchange ended.",
        outcome: ABORTED,
      });
    }
    this.#writeFinished();
    this.#commit.touch(this.lastSeq, true); // what the last life sealed may be shipped once it is on disk
    this.#scheduleSeal();
  }

  begin(draft: RecordDraft): Result<RecordTicket, RecorderError> {
    return this.#begin(new RecordForm(draft), recordId(draft.id), draft.atMs);
  }

  beginForm(form: RecordForm, atMs: number): Result<RecordTicket, RecorderError> {
    return this.#begin(form, this.#ids.next(atMs), atMs);
  }

  #begin(form: RecordForm, id: RecordId, atMs: number): Result<RecordTicket, RecorderError> {
    const refused = this.#refusal();
    if (refused !== undefined) return err(refused);
    const bytesMax = this.#sizeOf(form, id);
    if (bytesMax === undefined) return err(unwritable("cannot be written down"));
    const need = bytesMax + FRAME_HEADER_BYTES + OUTCOME_FRAME_BYTES + SEAL_FRAME_BYTES;
    if (this.#used() + need > this.#options.bytesMax) return err(this.#full());
    const { kind, outcome } = form.draft;
    const isOpen = kind !== "change" && outcome === undefined;
    const record = new OpenRecord(id, this.lastSeq + 1, atMs, isOpen);
    const begun = this.#begun(isOpen ? FRAME.intent : FRAME.complete, form, bytesMax, record);
    if (begun === "failed") return err(failed(this.#failure));
    if (begun === "too_large") return err(unwritable("is larger than a record may be"));
    if (isOpen) this.#open++;
    return ok(record);
  }

  /** Writes the record into the file. */
  #begun(kind: FrameKind, form: RecordForm, bytesMax: number, record: OpenRecord): "begun" | "failed" | "too_large" {
    try {
      if (!this.#chain.record(kind, form, bytesMax, record)) return "too_large";
      this.#commit.touch(record.seq, false);
      return "begun";
    } catch (error) {
      this.#fail(error);
      return "failed";
    }
  }

  // A draft that has no JSON form is its maker's bug: that exchange is refused, the spool goes on.
  #sizeOf(form: RecordForm, id: RecordId): number | undefined {
    try {
      return form.bytesMax(this.#options.owner);
    } catch (error) {
      log.error({ err: error, recordId: id.text }, "spool.draft_refused");
      return undefined;
    }
  }

  durable(ticket: RecordTicket): Promise<void> {
    return this.#commit.reached(ticket.seq);
  }

  finish(ticket: RecordTicket, outcome: OutcomeDraft): void {
    if (!(ticket instanceof OpenRecord && ticket.complete())) {
      log.error({ seq: ticket.seq, recordId: ticket.id }, "spool.finished_without_begin");
      return;
    }
    this.#open--;
    this.#finished.push({ of: ticket, draft: outcome, atMs: this.#options.clock.now() });
    if (this.#finished.length >= FINISHED_MAX) this.#writeFinished();
    this.#commit.soon();
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
    return this.#chain.lastSeq;
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
    this.#seal();
    if (this.#failure === undefined) this.#files.trim();
    this.#ended = true;
    await this.#commit.close(this.lastSeq);
    this.#options.io.close(this.#files.current.fd);
  }

  #used(): number {
    const promised = (this.#open + this.#finished.length) * (OUTCOME_FRAME_BYTES + SEAL_FRAME_BYTES);
    return this.#files.bytes + this.#chain.waiting + promised;
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

  /** What waits in memory goes into the file. */
  #writeWaiting(): void {
    this.#writeFinished();
    if (this.#failure !== undefined || this.#chain.waiting === 0) return;
    this.#orFail(() => {
      this.#chain.write();
      this.#commit.wrote(this.lastSeq, false);
    });
  }

  /** Hands outcomes on to where the next write takes them from. */
  #writeFinished(): void {
    if (this.#failure !== undefined || this.#ended) return;
    let written = 0;
    this.#orFail(() => {
      for (const finished of this.#finished) {
        this.#chain.outcome(finished);
        written++;
      }
    });
    this.#finished.splice(0, written);
  }

  #scheduleSeal(): void {
    if (this.#ended || this.#sealTimer !== undefined || this.#chain.entries === 0) return;
    this.#sealTimer = setTimeout(() => {
      this.#sealTimer = undefined;
      this.#seal();
    }, this.#sealMs);
  }

  #seal(): void {
    this.#writeFinished();
    if (this.#failure === undefined) this.#orFail(() => this.#chain.seal());
  }

  #sealed(lastSeq: number): void {
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    this.#commit.touch(lastSeq, true);
  }

  #orFail(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
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
    if (this.#failure !== undefined) return;
    this.#commit.soon();
    log.info({ lastSeq: this.lastSeq }, "spool.recovered");
    this.#scheduleSeal();
  }
}

const ABORTED = { status: "aborted", rows: 0, bytes: 0, maskedCells: {}, durationUs: 0, decideUs: 0 } as const;
