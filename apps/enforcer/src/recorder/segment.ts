import { join } from "node:path";
import { FRAME, makeFrame } from "./frame.ts";
import type { SpoolIo } from "./spool-io.ts";

const NAME = /^(\d{16})\.seg$/;

/** The first sequence number of a segment's name, or undefined for another file. */
export function segmentSeq(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Where the segment that starts with `seq` lives. */
export function segmentPath(directory: string, seq: number): string {
  return join(directory, `${String(seq).padStart(16, "0")}.seg`);
}

/** The frame at a segment's start: the next number to be given and the chain's head, all that a new life needs. */
export function startFrame(nextSeq: number, head: Uint8Array): Buffer {
  return makeFrame(FRAME.start, { seq: nextSeq, ofSeq: 0 }, head);
}

/** One file of the spool while it is written: appends at known positions, so that a failed write leaves no hole. */
export class Segment {
  readonly path: string;
  readonly firstSeq: number;
  readonly fd: number;
  /** bytes that hold whole frames */
  end: number;
  /** bytes known to be on disk */
  synced: number;
  readonly #io: SpoolIo;

  constructor(io: SpoolIo, file: { path: string; firstSeq: number; fd: number; end: number }) {
    this.#io = io;
    this.path = file.path;
    this.firstSeq = file.firstSeq;
    this.fd = file.fd;
    this.end = file.end;
    this.synced = 0;
  }

  /**
   * Writes `bytes[from, to)` after what is there. Throws the file system's error; then nothing was appended: what was
   * half-written is cut off, so that no later frame ends in the middle of it.
   */
  append(bytes: Uint8Array, from: number, to: number): void {
    try {
      this.#writeAll(bytes, from, to);
    } catch (error) {
      this.#cut(error);
    }
    this.end += to - from;
  }

  #writeAll(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const written = this.#io.write(this.fd, bytes, at, to - at, this.end + at - from);
      if (written === 0) throw new Error("the file system wrote nothing");
      at += written;
    }
  }

  #cut(failure: unknown): never {
    try {
      this.#io.truncate(this.fd, this.end);
    } catch (error) {
      throw new Error("a half-written record could not be cut off", { cause: error }); // `probe` cuts before work goes on
    }
    throw failure;
  }

  /**
   * After a failed sync the kernel may have dropped the pages it could not write: reads them back and writes them
   * again, so that the next sync covers them. Throws the file system's error.
   */
  rewriteUnsynced(): void {
    const chunk = Buffer.allocUnsafe(262_144);
    for (let at = this.synced; at < this.end; ) {
      const read = this.#io.read(this.fd, chunk.subarray(0, Math.min(chunk.length, this.end - at)), at);
      if (read === 0) throw new Error("the spool's file is shorter than what was written to it");
      for (let from = 0; from < read; ) from += this.#io.write(this.fd, chunk, from, read - from, at + from);
      at += read;
    }
  }

  /** Finds out whether there is room for `bytes` more, and leaves the file as it was. Throws when there is not. */
  probe(bytes: number): void {
    try {
      const zeros = Buffer.alloc(bytes);
      for (let at = 0; at < bytes; ) at += this.#io.write(this.fd, zeros, at, bytes - at, this.end + at);
    } finally {
      this.#io.truncate(this.fd, this.end);
    }
  }
}

/** Makes the file of a new segment with its start frame. Throws the file system's error. */
export function createSegment(io: SpoolIo, directory: string, nextSeq: number, head: Uint8Array): Segment {
  const path = segmentPath(directory, nextSeq);
  const segment = new Segment(io, { path, firstSeq: nextSeq, fd: io.open(path, "create"), end: 0 });
  try {
    const frame = startFrame(nextSeq, head);
    segment.append(frame, 0, frame.length);
    io.syncDirectory(directory);
    return segment;
  } catch (error) {
    io.close(segment.fd);
    io.remove(path);
    throw error;
  }
}
