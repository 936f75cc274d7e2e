import { crc32 } from "node:zlib";
import { writeSix } from "./ascii.ts";

/**
 * The form of the spool's files: frames one after another. A frame is a header of 24 bytes and its payload:
 *
 * | offset | bytes | what |
 * |---|---|---|
 * | 0 | 4 | payload length, little endian |
 * | 4 | 4 | CRC-32 of everything after it, payload included |
 * | 8 | 1 | kind |
 * | 9 | 6 | seq: of the entry; of a seal its last; of a start the next to be given |
 * | 15 | 6 | of an outcome the record it completes; of a repetition the record of its batch that it repeats; of a seal its first entry |
 * | 21 | 3 | zero |
 */
export const FRAME_HEADER_BYTES = 24;

/** Largest payload: 1 MiB. A length beyond it is damage, never allocated. */
export const FRAME_PAYLOAD_BYTES_MAX = 1_048_576;

/** What a frame holds. */
export const FRAME = { complete: 1, intent: 2, outcome: 3, seal: 4, start: 5, repeat: 6 } as const;

/** One of the kinds. */
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** A frame found in a file; `payload` is a view. */
export interface Frame {
  readonly kind: FrameKind;
  readonly seq: number;
  readonly ofSeq: number;
  readonly payload: Buffer;
  /** where the frame ends in the scanned bytes */
  readonly end: number;
}

function isKind(kind: number): kind is FrameKind {
  return kind >= FRAME.complete && kind <= FRAME.repeat;
}

/** Completes a frame in place: the payload already stands at `at + FRAME_HEADER_BYTES`. Returns the frame's end. */
export function sealFrame(
  bytes: Buffer,
  at: number,
  frame: { readonly kind: FrameKind; readonly seq: number; readonly ofSeq: number; readonly payloadBytes: number },
): number {
  const end = at + FRAME_HEADER_BYTES + frame.payloadBytes;
  bytes.writeUInt32LE(frame.payloadBytes, at);
  bytes[at + 8] = frame.kind;
  writeSix(bytes, at + 9, frame.seq);
  writeSix(bytes, at + 15, frame.ofSeq);
  bytes[at + 21] = 0;
  bytes[at + 22] = 0;
  bytes[at + 23] = 0;
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, end)), at + 4);
  return end;
}

/** A whole frame of its own, for the rare kinds. */
export function makeFrame(kind: FrameKind, numbers: { seq: number; ofSeq: number }, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  sealFrame(bytes, 0, { kind, ...numbers, payloadBytes: payload.length });
  return bytes;
}

/** What stands at an offset: a frame, the end, too few bytes to tell, or damage. */
export type FrameRead = { readonly kind: "frame"; readonly frame: Frame } | { readonly kind: "end" | "torn" };

/**
 * Reads the frame at `at`. "torn" means that the bytes there are no whole, undamaged frame: after a crash that is where
 * the file ends, for a reader of a growing file it is where to read more.
 */
export function readFrame(bytes: Buffer, at: number): FrameRead {
  if (at === bytes.length) return { kind: "end" };
  if (at + FRAME_HEADER_BYTES > bytes.length) return { kind: "torn" };
  const length = bytes.readUInt32LE(at);
  const end = at + FRAME_HEADER_BYTES + length;
  const kind = bytes.readUInt8(at + 8);
  if (length > FRAME_PAYLOAD_BYTES_MAX || end > bytes.length || !isKind(kind)) return { kind: "torn" };
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return { kind: "torn" };
  const seq = bytes.readUIntLE(at + 9, 6);
  const ofSeq = bytes.readUIntLE(at + 15, 6);
  return { kind: "frame", frame: { kind, seq, ofSeq, payload: bytes.subarray(at + FRAME_HEADER_BYTES, end), end } };
}
