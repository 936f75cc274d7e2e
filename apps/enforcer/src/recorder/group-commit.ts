import type { Segment } from "./segment.ts";
import type { SpoolIo } from "./spool-io.ts";

/** Written bytes are on disk within this, as SYSTEM.md asks: what just missed a sync waits for it, for the next one, and through it. */
const WITHIN_MS = 10;
/** What timers and a busy event loop may take of it. */
const SPARE_MS = 1;
const LAZY_MS_MIN = 1;
/** Of the slowest sync so much is remembered with each that is faster. */
const REMEMBERED = 0.9;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the owner does. */
export interface CommitEvents {
  /** The disk failed: nothing more is synced before `retry`. */
  readonly failed: (error: Error) => void;
  /** A sync is about to begin: whatever waits in memory can still go with it, told by `wrote`. */
  readonly begins: () => void;
}

/**
 * Brings written bytes to disk: one sync at a time, each covering everything written before it began; the next begins
 * as soon as one ends while someone waits, else a few milliseconds later.
 */
export class GroupCommit {
  readonly #io: SpoolIo;
  readonly #events: CommitEvents;
  #segment: Segment;
  #retired: Segment[] = [];
  #waiters: Waiter[] = [];
  #writtenSeq = 0;
  #syncedSeq = 0;
  #syncing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #slowestMs = 1;
  #lastMs = 1;
  #broken = false;
  #sealed = false;
  /** something came to memory while a sync was under way */
  #more = false;
  /** called when a sync ended that covered a seal */
  onSynced: () => void = () => undefined;

  constructor(io: SpoolIo, segment: Segment, events: CommitEvents) {
    this.#io = io;
    this.#segment = segment;
    this.#events = events;
  }

  /** Everything through `seq` was written to the file; `sealed` when a seal was. */
  touch(seq: number, sealed: boolean): void {
    this.wrote(seq, sealed);
    this.soon();
  }

  /** As `touch`, for a sync that begins anyway. */
  wrote(seq: number, sealed: boolean): void {
    this.#writtenSeq = seq;
    if (sealed) this.#sealed = true;
  }

  /**
   * How long what nobody waits for may wait before a sync begins: the slower the disk, the shorter. What just missed the
   * last one has waited through it already.
   */
  get #lazyMs(): number {
    return Math.max(LAZY_MS_MIN, WITHIN_MS - SPARE_MS - this.#lastMs - this.#slowestMs);
  }

  /** Something waits in memory for the next sync, which begins soon. */
  soon(): void {
    if (this.#syncing !== undefined) this.#more = true;
    if (this.#syncing !== undefined || this.#timer !== undefined || this.#broken) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start();
    }, this.#lazyMs);
  }

  /** Resolves when the entry is on disk; rejects when the disk fails first. */
  reached(seq: number): Promise<void> {
    if (seq <= this.#syncedSeq) return Promise.resolve();
    if (this.#broken) return Promise.reject(new Error("the record spool's disk failed"));
    const promise = new Promise<void>((resolve, reject) => void this.#waiters.push({ seq, resolve, reject }));
    this.#start();
    return promise;
  }

  /** The file is full, on disk, and followed by another. */
  moveTo(next: Segment): void {
    this.#retired.push(this.#segment);
    this.#segment = next;
    this.#settle(this.#writtenSeq);
    if (this.#syncing === undefined) this.#closeRetired();
    this.touch(this.#writtenSeq, true);
  }

  /** Tries again after a failure. Rejects with the file system's error. */
  async retry(): Promise<void> {
    await this.#syncing;
    this.#broken = false;
    await this.#sync();
    if (this.#broken) throw new Error("the record spool could not be brought to disk");
  }

  /** Brings the rest to disk and stops. */
  async close(lastSeq: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#syncing;
    this.#writtenSeq = lastSeq;
    if (!this.#broken) await this.#sync();
    this.#closeRetired();
    this.#broken = true;
    this.#rejectAll(new Error("the record spool was closed"));
  }

  #start(): void {
    if (this.#syncing === undefined && !this.#broken) void this.#sync();
  }

  #sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#events.begins();
    clearTimeout(this.#timer); // what was written just now goes with this sync
    this.#timer = undefined;
    const segment = this.#segment;
    const seq = this.#writtenSeq;
    const end = segment.end;
    const sealed = this.#sealed;
    this.#sealed = false;
    this.#more = false;
    const beganMs = performance.now();
    this.#syncing = new Promise<void>((resolve) => {
      this.#io.dataSync(segment.fd, (error) => {
        this.#syncing = undefined;
        this.#lastMs = performance.now() - beganMs;
        this.#slowestMs = Math.max(this.#lastMs, this.#slowestMs * REMEMBERED);
        this.#closeRetired();
        if (error === null) this.#done({ segment, seq, end, sealed });
        else this.#break(error);
        resolve();
      });
    });
    return this.#syncing;
  }

  #done(synced: { segment: Segment; seq: number; end: number; sealed: boolean }): void {
    synced.segment.synced = Math.max(synced.segment.synced, synced.end);
    this.#settle(synced.seq);
    if (synced.sealed) this.onSynced();
    if (this.#waiters.length > 0) this.#start();
    else if (this.#more || this.#segment.end > this.#segment.synced) this.soon();
  }

  #settle(seq: number): void {
    this.#syncedSeq = Math.max(this.#syncedSeq, seq);
    const reached = this.#waiters.filter((waiter) => waiter.seq <= this.#syncedSeq);
    if (reached.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > this.#syncedSeq);
    for (const waiter of reached) waiter.resolve();
  }

  #break(error: Error): void {
    this.#broken = true;
    this.#sealed = true;
    this.#rejectAll(new Error("the record spool's disk failed", { cause: error }));
    this.#events.failed(error);
  }

  #rejectAll(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  // A file is closed only when no sync may still be using its descriptor.
  #closeRetired(): void {
    for (const segment of this.#retired) this.#io.close(segment.fd);
    this.#retired = [];
  }
}
