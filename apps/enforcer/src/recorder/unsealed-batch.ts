import { createHash } from "node:crypto";
import { BATCH_BYTES_MAX, BATCH_ENTRIES_MAX } from "@sluice/ledger";
import type { EntryOwner } from "./entry-text.ts";
import { FRAME, FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX, type FrameKind, sealFrame } from "./frame.ts";
import {
  OUTCOME_LINE_BYTES_MAX,
  type OutcomeDraft,
  type OutcomeNumbers,
  outcomeLine,
  writePlainOutcome,
} from "./outcome-line.ts";
import type { FormNumbers, RecordForm } from "./record-form.ts";
import { type LineLayout, REPEAT_BYTES, writeRepeat } from "./repeat.ts";

/** Where a frame stands in the batch's buffer. */
export interface FrameSpan {
  readonly from: number;
  readonly to: number;
  /** of a repetition: the bytes of its line, which stands behind the kept ones already */
  readonly lineBytes?: number;
  /** of a record that the next ones of its form repeat */
  readonly first?: { readonly form: RecordForm; readonly layout: LineLayout };
}

interface First {
  readonly seq: number;
  readonly layout: LineLayout;
}

const START_BYTES = 262_144;

/**
 * The entries since the last seal, as frames one after another in one buffer: each is written to the file from here, and
 * the chain's hash is taken over their lines when the batch is sealed, not entry by entry. The file has the line of the first
 * record of a form, of the next ones only what differs: a fifteenth, and a batch can be read without what lies before it.
 */
export class UnsealedBatch {
  bytes = Buffer.allocUnsafe(START_BYTES);
  /** the lines alone, one after another: what the chain's hash is taken over, in one go */
  #lines = Buffer.allocUnsafe(START_BYTES);
  readonly #firsts = new Map<RecordForm, First>();
  firstSeq = 0;
  lastSeq = 0;
  #end = 0;
  #lineBytes = 0;
  #entries = 0;

  get entries(): number {
    return this.#entries;
  }

  /** Where the next frame will stand in `bytes`. */
  get end(): number {
    return this.#end;
  }

  /** Whether another entry of this size must wait for the next batch. */
  full(lineBytes: number): boolean {
    return this.entries >= BATCH_ENTRIES_MAX || this.#lineBytes + lineBytes > BATCH_BYTES_MAX;
  }

  /** Encodes a line as the next frame. Nothing counts until `keep`. Undefined when the line is larger than a frame. */
  frame(kind: FrameKind, numbers: { seq: number; ofSeq: number }, line: string): FrameSpan | undefined {
    const from = this.#end;
    this.#reserve(from + FRAME_HEADER_BYTES + line.length * 3);
    const payloadBytes = this.bytes.write(line, from + FRAME_HEADER_BYTES, "utf8");
    if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return undefined;
    return { from, to: sealFrame(this.bytes, from, { kind, ...numbers, payloadBytes }) };
  }

  /** Encodes an outcome as the next frame; otherwise as `frame`. */
  outcomeFrame(draft: OutcomeDraft, owner: EntryOwner, numbers: OutcomeNumbers): FrameSpan | undefined {
    const from = this.#end;
    const payloadAt = from + FRAME_HEADER_BYTES;
    this.#reserve(payloadAt + OUTCOME_LINE_BYTES_MAX);
    const to = writePlainOutcome(this.bytes, payloadAt, draft, owner, numbers);
    const { ofSeq, seq } = numbers;
    if (to === undefined) return this.frame(FRAME.outcome, { seq, ofSeq }, outcomeLine(draft, owner, numbers));
    const frame = { kind: FRAME.outcome, seq, ofSeq, payloadBytes: to - payloadAt };
    return { from, to: sealFrame(this.bytes, from, frame) };
  }

  /** Encodes a record of a form as the next frame; otherwise as `frame`. */
  formFrame(kind: FrameKind, record: FormNumbers, form: RecordForm, owner: EntryOwner): FrameSpan | undefined {
    const known = kind === FRAME.intent ? this.#firsts.get(form) : undefined;
    if (known !== undefined) return this.#repeatFrame(record, form, owner, known);
    const from = this.#end;
    this.#reserve(from + FRAME_HEADER_BYTES + form.bytesMax(owner));
    const payloadBytes = form.write(this.bytes, from + FRAME_HEADER_BYTES, owner, record) - from - FRAME_HEADER_BYTES;
    if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return undefined;
    const to = sealFrame(this.bytes, from, { kind, seq: record.seq, ofSeq: 0, payloadBytes });
    return kind === FRAME.intent ? { from, to, first: { form, layout: form.layout(owner, record) } } : { from, to };
  }

  #repeatFrame(record: FormNumbers, form: RecordForm, owner: EntryOwner, first: First): FrameSpan {
    const at = this.#lineBytes;
    this.#lines = withRoom(this.#lines, at + form.bytesMax(owner), at);
    const lineBytes = form.write(this.#lines, at, owner, record) - at;
    const from = this.#end;
    this.#reserve(from + FRAME_HEADER_BYTES + REPEAT_BYTES);
    writeRepeat(this.bytes, from + FRAME_HEADER_BYTES, first.layout, record);
    const frame = { kind: FRAME.repeat, seq: record.seq, ofSeq: first.seq, payloadBytes: REPEAT_BYTES };
    return { from, to: sealFrame(this.bytes, from, frame), lineBytes };
  }

  /** Counts a frame in. */
  keep(seq: number, span: FrameSpan): void {
    if (this.#entries === 0) this.firstSeq = seq;
    this.lastSeq = seq;
    this.#entries++;
    this.#end = span.to;
    if (span.first) this.#firsts.set(span.first.form, { seq, layout: span.first.layout });
    if (span.lineBytes === undefined) this.#keepLine(span.from + FRAME_HEADER_BYTES, span.to);
    else this.#lineBytes += span.lineBytes;
  }

  #keepLine(from: number, to: number): void {
    const at = this.#lineBytes;
    this.#lineBytes += to - from;
    this.#lines = withRoom(this.#lines, this.#lineBytes, at);
    this.bytes.copy(this.#lines, at, from, to);
  }

  /** sha-256 of the chain after this batch, as `chainHead` of packages/ledger over the joined lines. */
  head(previous: Uint8Array): Buffer {
    const lines = this.#lines.subarray(0, this.#lineBytes);
    return createHash("sha256").update("sluice.chain.v1\n").update(previous).update(lines).digest();
  }

  /** Starts the next batch in the same buffer. */
  clear(): void {
    this.#entries = 0;
    this.#end = 0;
    this.#lineBytes = 0;
    this.#firsts.clear();
  }

  #reserve(size: number): void {
    this.bytes = withRoom(this.bytes, size, this.#end);
  }
}

/** The buffer, or a larger one that begins with the same `used` bytes. */
function withRoom(bytes: Buffer<ArrayBuffer>, size: number, used: number): Buffer<ArrayBuffer> {
  if (size <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(Math.max(size, bytes.length * 2));
  bytes.copy(larger, 0, 0, used);
  return larger;
}
