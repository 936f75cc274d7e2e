import { digitsOf, writeInteger } from "./ascii.ts";
import { type EntryOwner, type RecordParts, type RepeatedDraft, recordParts } from "./entry-text.ts";
import { ID_BYTES, type RecordId } from "./record-id.ts";
import { layoutBytes } from "./repeat.ts";

/** Digits of a time, an id, and digits of a number, at most. */
const NUMBERS_BYTES_MAX = 16 + ID_BYTES + 16;

/**
 * What many records share, written out once: each of them then costs four copies, two numbers and an id. Begun by
 * `Recorder.beginForm`.
 */
export class RecordForm {
  readonly draft: RepeatedDraft;
  #owner: EntryOwner | undefined;
  #parts: RecordPieces | undefined;
  /** kept apart from the pieces, which a record that is kept as a repetition does not need */
  #bytesMax = 0;
  #layout: { readonly timeBytes: number; readonly seqBytes: number; readonly bytes: Uint8Array } | undefined;

  constructor(draft: RepeatedDraft) {
    this.draft = draft;
  }

  /** Bytes of a record of this form, at most. Throws when the draft has no JSON form. */
  bytesMax(owner: EntryOwner): number {
    if (this.#owner !== owner) this.#written(owner);
    return this.#bytesMax;
  }

  /** Writes the record at `at`; gives its end. `bytesMax` bytes must be there. */
  write(target: Uint8Array, at: number, owner: EntryOwner, record: FormNumbers): number {
    const [beforeTime, beforeId, beforeSeq, end] = this.#written(owner);
    target.set(beforeTime, at);
    let to = writeInteger(target, at + beforeTime.length, record.atMs);
    target.set(beforeId, to);
    to = record.recordId.write(target, to + beforeId.length);
    target.set(beforeSeq, to);
    to = writeInteger(target, to + beforeSeq.length, record.seq);
    target.set(end, to);
    return to + end.length;
  }

  /** Where the line of a record of this form has what differs, as `layoutBytes` writes it. */
  layout(owner: EntryOwner, { atMs, seq }: Pick<FormNumbers, "atMs" | "seq">): Uint8Array {
    const [beforeTime, beforeId, beforeSeq] = this.#written(owner);
    const timeBytes = digitsOf(atMs);
    const seqBytes = digitsOf(seq);
    const known = this.#layout;
    if (known?.timeBytes === timeBytes && known.seqBytes === seqBytes) return known.bytes;
    const timeAt = beforeTime.length;
    const idAt = timeAt + timeBytes + beforeId.length;
    const bytes = layoutBytes({ timeAt, timeBytes, idAt, seqAt: idAt + ID_BYTES + beforeSeq.length, seqBytes });
    this.#layout = { timeBytes, seqBytes, bytes };
    return bytes;
  }

  #written(owner: EntryOwner): RecordPieces {
    if (this.#parts && this.#owner === owner) return this.#parts;
    const parts = piecesOf(recordParts(this.draft, owner));
    this.#bytesMax = parts.reduce((sum, { length }) => sum + length, NUMBERS_BYTES_MAX);
    this.#parts = parts;
    this.#layout = undefined;
    this.#owner = owner;
    return parts;
  }
}

/** What differs from one record of a form to the next. */
export interface FormNumbers {
  readonly recordId: RecordId;
  readonly atMs: number;
  readonly seq: number;
}

/** The text before time, id and number, the id's quotes with it, and after them: each in memory of its own. */
type RecordPieces = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

function piecesOf({ beforeId, beforeSeq, beforeTime, end }: RecordParts): RecordPieces {
  return [bytesOf(beforeTime), bytesOf(`${beforeId}"`), bytesOf(`"${beforeSeq}`), bytesOf(end)];
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}
