import { createHash, type Hash } from "node:crypto";
import { BATCH_BYTES_MAX, BATCH_ENTRIES_MAX } from "@sluice/ledger";
import type { EntryOwner } from "./entry-text.ts";
import { FRAME, FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX, type FrameKind, sealFrame } from "./frame.ts";
import { OUTCOME_LINE_BYTES_MAX, type OutcomeDraft, type OutcomeNumbers, outcomeLine } from "./outcome-line.ts";
import { PlainOutcomes } from "./plain-outcome.ts";
import type { FormNumbers, RecordForm } from "./record-form.ts";
import { REPEAT_BYTES, readRepeat, writeRepeat } from "./repeat.ts";

/** A record whose line the next ones of its form repeat. */
interface First {
  readonly seq: number;
  readonly form: RecordForm;
  readonly layout: Uint8Array;
}

const START_BYTES = 262_144;
/** Lines are hashed by so many bytes: they stay in the processor's cache. */
const HASHED_BYTES = 65_536;

/**
 * The entries since the last seal, as frames one after another in one buffer: each is written to the file from here, and
 * the chain's hash is taken over their lines when the batch is sealed, not entry by entry. The file has the line of the first
 * record of a form, of the next ones only what differs: a fifteenth, and a batch can be read without what lies before it.
 */
export class UnsealedBatch {
  bytes = Buffer.allocUnsafe(START_BYTES);
  readonly #owner: EntryOwner;
  readonly #plain: PlainOutcomes;
  readonly #firsts = new Map<RecordForm, First>();
  readonly #formOf = new Map<number, RecordForm>();
  firstSeq = 0;
  lastSeq = 0;
  #end = 0;
  /** an entry that is encoded behind the others and does not count yet: its end, 0 without one */
  #nextTo = 0;
  #nextLineBytes = 0;
  #nextFirst: First | undefined;
  #lineBytesMax = 0;
  #entries = 0;

  constructor(owner: EntryOwner) {
    this.#owner = owner;
    this.#plain = new PlainOutcomes(owner);
  }

  get entries(): number {
    return this.#entries;
  }

  /** Where the entries that count end in `bytes`. */
  get end(): number {
    return this.#end;
  }

  /** Whether another entry of this size must wait for the next batch. */
  full(lineBytes: number): boolean {
    return this.#entries >= BATCH_ENTRIES_MAX || this.#lineBytesMax + lineBytes > BATCH_BYTES_MAX;
  }

  /** Encodes a line as the next frame; gives its end. Nothing counts until `keep`. Undefined when it is larger than a frame. */
  frame(kind: FrameKind, numbers: { seq: number; ofSeq: number }, line: string): number | undefined {
    const from = this.#end;
    this.#reserve(from + FRAME_HEADER_BYTES + line.length * 3);
    const payloadBytes = this.bytes.write(line, from + FRAME_HEADER_BYTES, "utf8");
    return this.#whole(kind, numbers, payloadBytes);
  }

  /** Encodes an outcome as the next frame; otherwise as `frame`. */
  outcomeFrame(draft: OutcomeDraft, numbers: OutcomeNumbers): number | undefined {
    const payloadAt = this.#end + FRAME_HEADER_BYTES;
    this.#reserve(payloadAt + OUTCOME_LINE_BYTES_MAX);
    const to = this.#plain.write(this.bytes, payloadAt, draft, numbers);
    if (to === undefined) return this.frame(FRAME.outcome, numbers, outcomeLine(draft, this.#owner, numbers));
    return this.#whole(FRAME.outcome, numbers, to - payloadAt);
  }

  /** Encodes a record of a form as the next frame; otherwise as `frame`. */
  formFrame(kind: FrameKind, record: FormNumbers, form: RecordForm): number | undefined {
    const known = kind === FRAME.intent ? this.#firsts.get(form) : undefined;
    if (known !== undefined) return this.#repeatFrame(record, known);
    const payloadAt = this.#end + FRAME_HEADER_BYTES;
    this.#reserve(payloadAt + form.bytesMax(this.#owner));
    const payloadBytes = form.write(this.bytes, payloadAt, this.#owner, record) - payloadAt;
    const to = this.#whole(kind, { seq: record.seq, ofSeq: 0 }, payloadBytes);
    if (to === undefined || kind !== FRAME.intent) return to;
    const layout = form.layout(this.#owner, record);
    this.#nextFirst = { seq: record.seq, form, layout };
    return to;
  }

  #repeatFrame(record: FormNumbers, { form, layout, seq }: First): number {
    const from = this.#end;
    this.#reserve(from + FRAME_HEADER_BYTES + REPEAT_BYTES);
    writeRepeat(this.bytes, from + FRAME_HEADER_BYTES, layout, record);
    const frame = { kind: FRAME.repeat, seq: record.seq, ofSeq: seq, payloadBytes: REPEAT_BYTES };
    const to = sealFrame(this.bytes, from, frame);
    return this.#encoded(to, form.bytesMax(this.#owner));
  }

  #whole(kind: FrameKind, { ofSeq, seq }: { seq: number; ofSeq: number }, payloadBytes: number): number | undefined {
    if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return undefined;
    return this.#encoded(sealFrame(this.bytes, this.#end, { kind, seq, ofSeq, payloadBytes }), payloadBytes);
  }

  #encoded(to: number, lineBytes: number): number {
    this.#nextTo = to;
    this.#nextLineBytes = lineBytes;
    this.#nextFirst = undefined;
    return to;
  }

  /** Counts the next frame in. */
  keep(seq: number): void {
    if (this.#nextTo === 0) throw new Error("nothing was encoded that could be kept");
    if (this.#entries === 0) this.firstSeq = seq;
    this.lastSeq = seq;
    this.#entries++;
    this.#end = this.#nextTo;
    this.#nextTo = 0;
    this.#lineBytesMax += this.#nextLineBytes;
    const first = this.#nextFirst;
    if (first === undefined) return;
    this.#firsts.set(first.form, first);
    this.#formOf.set(seq, first.form);
  }

  /** sha-256 of the chain after this batch, as `chainHead` of packages/ledger over the joined lines. */
  head(previous: Uint8Array): Buffer {
    const hash = createHash("sha256").update("sluice.chain.v1\n").update(previous);
    this.#hashLines(hash);
    return hash.digest();
  }

  #hashLines(hash: Hash): void {
    const { bytes } = this;
    let filled = 0;
    const room = (size: number) => {
      if (filled + size <= lines.length) return;
      hash.update(lines.subarray(0, filled));
      filled = 0;
      if (size > lines.length) lines = Buffer.allocUnsafe(size);
    };
    for (let from = 0; from < this.#end; ) {
      const payloadAt = from + FRAME_HEADER_BYTES;
      const to = payloadAt + bytes.readUInt32LE(from);
      const form = bytes[from + 8] === FRAME.repeat ? this.#formOf.get(bytes.readUIntLE(from + 15, 6)) : undefined;
      room(form?.bytesMax(this.#owner) ?? to - payloadAt);
      if (form === undefined) filled += bytes.copy(lines, filled, payloadAt, to);
      else {
        const { atMs, recordId } = readRepeat(bytes, payloadAt);
        const record = { atMs, recordId, seq: bytes.readUIntLE(from + 9, 6) };
        filled = form.write(lines, filled, this.#owner, record);
      }
      from = to;
    }
    hash.update(lines.subarray(0, filled));
  }

  /** Starts the next batch in the same buffer. */
  clear(): void {
    this.#entries = 0;
    this.#end = 0;
    this.#lineBytesMax = 0;
    this.#firsts.clear();
    this.#formOf.clear();
  }

  #reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.#end);
    this.bytes = larger;
  }
}

/** What is about to be hashed: used and done with in one go, so one for all. */
let lines = Buffer.allocUnsafe(HASHED_BYTES);
