import { writeAscii, writeInteger } from "./ascii.ts";

/** Where a record's line has its time, its id and its number: all that differs between two records of one form. */
export interface LineLayout {
  readonly timeAt: number;
  readonly timeBytes: number;
  readonly idAt: number;
  readonly seqAt: number;
  readonly seqBytes: number;
}

const ID_BYTES = 36;
const MOST_DIGITS = 16;
/** The payload: the first line's layout in 14 bytes, then the record's own time in 6 and its id as text. */
export const REPEAT_BYTES = 14 + 6 + ID_BYTES;

/** Writes a record as the repetition of an earlier one whose line has this layout; gives its end. */
export function writeRepeat(
  target: Buffer,
  at: number,
  first: LineLayout,
  { atMs, id }: { readonly atMs: number; readonly id: string },
): number {
  target.writeUInt32LE(first.timeAt, at);
  target[at + 4] = first.timeBytes;
  target.writeUInt32LE(first.idAt, at + 5);
  target.writeUInt32LE(first.seqAt, at + 9);
  target[at + 13] = first.seqBytes;
  target.writeUIntLE(atMs, at + 14, 6);
  return writeAscii(target, at + 20, id);
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
  to = writeInteger(line, to, payload.readUIntLE(14, 6));
  to += first.copy(line, to, timeEnd, idAt);
  to += payload.copy(line, to, 20);
  to += first.copy(line, to, idAt + ID_BYTES, seqAt);
  to = writeInteger(line, to, seq);
  to += first.copy(line, to, seqEnd);
  return line.subarray(0, to);
}
