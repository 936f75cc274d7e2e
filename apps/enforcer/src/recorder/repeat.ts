import { writeInteger, writeSix } from "./ascii.ts";
import { ID_BYTES, RecordId } from "./record-id.ts";

/** Where a record's line has its time, its id and its number: all that differs between two records of one form. */
export interface LineLayout {
  readonly timeAt: number;
  readonly timeBytes: number;
  readonly idAt: number;
  readonly seqAt: number;
  readonly seqBytes: number;
}

const LAYOUT_BYTES = 14;
const ID_AT = LAYOUT_BYTES + 6;
const MOST_DIGITS = 16;
/** The payload: the first line's layout in 14 bytes, then the record's own time in 6 and its id as text. */
export const REPEAT_BYTES = ID_AT + ID_BYTES;

/** The layout as a payload begins with it. */
export function layoutBytes({ idAt, seqAt, seqBytes, timeAt, timeBytes }: LineLayout): Uint8Array {
  const bytes = Buffer.alloc(LAYOUT_BYTES);
  bytes.writeUInt32LE(timeAt, 0);
  bytes[4] = timeBytes;
  bytes.writeUInt32LE(idAt, 5);
  bytes.writeUInt32LE(seqAt, 9);
  bytes[13] = seqBytes;
  return Uint8Array.from(bytes);
}

/** Writes a record as the repetition of an earlier one whose line has this layout; gives its end. */
export function writeRepeat(
  target: Uint8Array,
  at: number,
  layout: Uint8Array,
  { atMs, recordId }: { readonly atMs: number; readonly recordId: RecordId },
): number {
  target.set(layout, at);
  writeSix(target, at + LAYOUT_BYTES, atMs);
  return recordId.write(target, at + ID_AT);
}

/** The time and the id of such a payload. */
export function readRepeat(bytes: Buffer, at: number): { readonly atMs: number; readonly recordId: RecordId } {
  return { atMs: bytes.readUIntLE(at + LAYOUT_BYTES, 6), recordId: new RecordId(bytes, at + ID_AT) };
}

/** The line that such a payload stands for; undefined when it does not fit the first one. */
export function expandRepeat(first: Buffer, payload: Buffer, seq: number): Buffer | undefined {
  if (payload.length !== REPEAT_BYTES) return undefined;
  const timeAt = payload.readUInt32LE(0);
  const timeEnd = timeAt + payload.readUInt8(4);
  const idAt = payload.readUInt32LE(5);
  const seqAt = payload.readUInt32LE(9);
  const seqEnd = seqAt + payload.readUInt8(13);
  if (timeEnd > idAt || idAt + ID_BYTES > seqAt || seqEnd >= first.length) return undefined;
  const line = Buffer.allocUnsafe(first.length + 2 * MOST_DIGITS);
  let to = first.copy(line, 0, 0, timeAt);
  to = writeInteger(line, to, payload.readUIntLE(LAYOUT_BYTES, 6));
  to += first.copy(line, to, timeEnd, idAt);
  to += payload.copy(line, to, ID_AT);
  to += first.copy(line, to, idAt + ID_BYTES, seqAt);
  to = writeInteger(line, to, seq);
  to += first.copy(line, to, seqEnd);
  return line.subarray(0, to);
}
