import { writeInteger } from "./ascii.ts";
import { type EntryOwner, type RecordParts, type RepeatedDraft, recordParts } from "./entry-text.ts";
import type { LineLayout } from "./repeat.ts";

/** Digits of a time, of an id with its quotes, and of a number, at most. */
const NUMBERS_BYTES_MAX = 16 + 38 + 16;

/**
 * What many records share, written out once: each of them then costs four copies and three numbers. Made by `recordForm`,
 * begun by `Recorder.beginForm`.
 */
export class RecordForm {
  readonly draft: RepeatedDraft;
  #owner: EntryOwner | undefined;
  #parts: readonly [Buffer, Buffer, Buffer, Buffer] | undefined;

  constructor(draft: RepeatedDraft) {
    this.draft = draft;
  }

  /** Bytes of a record of this form, at most. Throws when the draft has no JSON form. */
  bytesMax(owner: EntryOwner): number {
    const [beforeTime, beforeId, beforeSeq, end] = this.#written(owner);
    return beforeTime.length + beforeId.length + beforeSeq.length + end.length + NUMBERS_BYTES_MAX;
  }

  /** Writes the record at `at`; gives its end. `bytesMax` bytes must be there. */
  write(target: Buffer, at: number, owner: EntryOwner, record: FormNumbers): number {
    const [beforeTime, beforeId, beforeSeq, end] = this.#written(owner);
    let to = at + beforeTime.copy(target, at);
    to = writeInteger(target, to, record.atMs);
    to += beforeId.copy(target, to);
    target[to] = QUOTE;
    to = writeUuid(target, to + 1, record.id);
    target[to] = QUOTE;
    to += 1 + beforeSeq.copy(target, to + 1);
    to = writeInteger(target, to, record.seq);
    return to + end.copy(target, to);
  }

  /** Where the line of a record of this form has what differs. */
  layout(owner: EntryOwner, { atMs, seq }: FormNumbers): LineLayout {
    const [beforeTime, beforeId, beforeSeq] = this.#written(owner);
    const timeAt = beforeTime.length;
    const timeBytes = String(atMs).length;
    const idAt = timeAt + timeBytes + beforeId.length + 1;
    return { timeAt, timeBytes, idAt, seqAt: idAt + 37 + beforeSeq.length, seqBytes: String(seq).length };
  }

  #written(owner: EntryOwner): readonly [Buffer, Buffer, Buffer, Buffer] {
    if (this.#parts && this.#owner === owner) return this.#parts;
    this.#owner = owner;
    this.#parts = buffersOf(recordParts(this.draft, owner));
    return this.#parts;
  }
}

/** What differs from one record of a form to the next. */
export interface FormNumbers {
  readonly id: string;
  readonly atMs: number;
  readonly seq: number;
}

const QUOTE = 0x22;

/** A UUID is written as it is: it needs no escapes. */
function writeUuid(target: Uint8Array, at: number, id: string): number {
  if (id.length !== 36) throw new RangeError("a record's id is a UUID");
  for (let index = 0; index < 36; index += 1) {
    const code = id.charCodeAt(index);
    const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || code === 0x2d;
    if (!isHex) throw new RangeError("a record's id is a UUID in lower case");
    target[at + index] = code;
  }
  return at + 36;
}

function buffersOf({ beforeId, beforeSeq, beforeTime, end }: RecordParts): [Buffer, Buffer, Buffer, Buffer] {
  return [Buffer.from(beforeTime), Buffer.from(beforeId), Buffer.from(beforeSeq), Buffer.from(end)];
}
