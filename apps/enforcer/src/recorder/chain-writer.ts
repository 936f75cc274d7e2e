import type { KeyObject } from "node:crypto";
import { assert } from "@sluice/kernel";
import { signHead } from "@sluice/ledger";
import type { EntryOwner } from "./entry-text.ts";
import { FRAME, type FrameKind, makeFrame } from "./frame.ts";
import type { OpenRecord } from "./open-record.ts";
import { OUTCOME_LINE_BYTES_MAX, type OutcomeDraft } from "./outcome-line.ts";
import type { FormNumbers, RecordForm } from "./record-form.ts";
import type { Segment } from "./segment.ts";
import type { Segments } from "./segments.ts";
import type { RecoveredSpool } from "./spool-recovery.ts";
import { UnsealedBatch } from "./unsealed-batch.ts";

/** How a record ended, and when. */
export interface Finished {
  readonly of: OpenRecord;
  readonly draft: OutcomeDraft;
  readonly atMs: number;
}

/** What a writer needs. */
export interface ChainWriterParts {
  readonly files: Segments;
  readonly owner: EntryOwner;
  readonly signingKey: KeyObject;
  /** a file is closed when it is larger than this at a seal */
  readonly segmentBytes: number;
  /** a batch was sealed in the file */
  readonly sealed: (lastSeq: number) => void;
  /** the file was closed, on disk, and followed by another */
  readonly moved: (next: Segment) => void;
  /** an entry was added */
  readonly kept: () => void;
}

/**
 * Numbers entries, chains them in batches and brings them into the files. Every method throws the file system's error; what
 * was numbered stays in memory then, and the next call tries to write it again.
 */
export class ChainWriter {
  readonly #parts: ChainWriterParts;
  readonly #batch: UnsealedBatch;
  #nextSeq: number;
  #head: Uint8Array;
  /** the batch's bytes before this are in the file */
  #writtenTo = 0;

  constructor(parts: ChainWriterParts, { head, nextSeq }: Pick<RecoveredSpool, "head" | "nextSeq">) {
    this.#parts = parts;
    this.#batch = new UnsealedBatch(parts.owner);
    this.#head = head;
    this.#nextSeq = nextSeq;
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /** entries that are not sealed */
  get entries(): number {
    return this.#batch.entries;
  }

  /** bytes that are not in the file yet */
  get waiting(): number {
    return this.#batch.end - this.#writtenTo;
  }

  /** Takes over an entry that another life wrote and did not seal. */
  adopt(seq: number, payload: Buffer): void {
    const line = payload.toString("utf8");
    if (this.#batch.full(payload.length)) this.seal();
    const to = this.#batch.frame(FRAME.complete, { seq, ofSeq: 0 }, line); // only its payload matters from here on
    if (to === undefined) return;
    this.#batch.keep(seq);
    this.#writtenTo = to;
  }

  /** Writes a record, whose number is the next one, into the file; false when it is larger than a record may be. */
  record(kind: FrameKind, form: RecordForm, bytesMax: number, record: FormNumbers): boolean {
    assert(record.seq === this.#nextSeq, "a record has the next number");
    if (this.#batch.full(bytesMax)) this.seal();
    const to = this.#batch.formFrame(kind, record, form);
    if (to === undefined) return false;
    this.#writeThrough(to);
    this.#keep(record.seq);
    return true;
  }

  /** Puts an outcome where the next write takes it. */
  outcome({ of, draft, atMs }: Finished): void {
    if (this.#batch.full(OUTCOME_LINE_BYTES_MAX)) this.seal();
    const seq = this.#nextSeq;
    const numbers = { id: of.recordId, seq, atMs, ofSeq: of.seq, ofAtMs: of.atMs };
    const to = this.#batch.outcomeFrame(draft, numbers);
    assert(to, "an outcome's line fits into a frame");
    this.#keep(seq);
  }

  /** Writes what waits. */
  write(): void {
    this.#writeThrough(this.#batch.end);
  }

  /** Closes the batch with its head and signature. Nothing happens without entries. */
  seal(): void {
    const batch = this.#batch;
    if (batch.entries === 0) return;
    this.write();
    const { files, owner, segmentBytes, signingKey } = this.#parts;
    const { firstSeq, lastSeq } = batch;
    const head = batch.head(this.#head);
    const { orgId, enforcerId } = owner;
    const signature = signHead({ orgId, enforcerId, firstSeq, lastSeq, previous: this.#head, head }, signingKey);
    const payload = Buffer.concat([this.#head, head, signature]);
    const frame = makeFrame(FRAME.seal, { seq: lastSeq, ofSeq: firstSeq }, payload);
    files.current.append(frame, 0, frame.length);
    this.#head = head;
    batch.clear();
    this.#writtenTo = 0;
    this.#parts.sealed(lastSeq);
    if (files.current.end > segmentBytes) this.#parts.moved(files.rotate(lastSeq, head));
  }

  #keep(seq: number): void {
    this.#batch.keep(seq);
    this.#nextSeq = seq + 1;
    this.#parts.kept();
  }

  #writeThrough(to: number): void {
    if (to === this.#writtenTo) return;
    this.#parts.files.current.append(this.#batch.bytes, this.#writtenTo, to);
    this.#writtenTo = to;
  }
}
