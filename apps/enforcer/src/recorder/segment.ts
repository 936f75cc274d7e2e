import { join } from "node:path";
import { FRAME, makeFrame } from "./frame.ts";
import type { SpoolIo } from "./spool-io.ts";

/** Zeros ahead of the frames: as much again as is there, between these. */
const AHEAD_BYTES_MIN = 32_768;
const AHEAD_BYTES_MAX = 1_048_576;
const zeros = new Uint8Array(65_536);

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

/**
 * One file of the spool while it is written: appends at known positions, so that a failed write leaves no hole. The file
 * grows by zeros ahead of its frames, up to a megabyte at a time: a sync of frames in room that is there writes down no
 * new size and no new blocks besides them. No frame begins with zeros: they are cut off
 * when the file is closed, and like a torn tail when another life finds it.
 */
export class Segment {
  readonly path: string;
  readonly firstSeq: number;
  readonly fd: number;
  /** bytes that hold whole frames */
  end: number;
  /** bytes known to be on disk */
  synced: number;
  readonly #io: SpoolIo;
  /** bytes of the file, zeros ahead included */
  #size: number;
  #grows = true;

  constructor(io: SpoolIo, file: { path: string; firstSeq: number; fd: number; end: number }) {
    this.#io = io;
    this.path = file.path;
    this.firstSeq = file.firstSeq;
    this.fd = file.fd;
    this.end = file.end;
    this.#size = file.end;
    this.synced = 0;
  }

  /**
   * Writes `bytes[from, to)` after what is there. Throws the file system's error; then nothing was appended: what was
   * half-written is cut off, so that no later frame ends in the middle of it.
   */
  append(bytes: Uint8Array, from: number, to: number): void {
    const end = this.end + to - from;
    if (end > this.#size && this.#grows) this.#growFor(end);
    try {
      this.#writeAll(bytes, from, to);
    } catch (error) {
      this.#cut(error);
    }
    this.end = end;
    if (this.#size < end) this.#size = end;
  }

  /** Cuts off what is ahead of the last frame. Throws the file system's error. */
  trim(): void {
    this.#io.truncate(this.fd, this.end);
    this.#size = this.end;
  }

  /** A disk without that much room gets back what it gave: frames go to the end of the file then, one by one. */
  #growFor(end: number): void {
    const size = end + Math.min(AHEAD_BYTES_MAX, Math.max(AHEAD_BYTES_MIN, end));
    try {
      this.#fill(size);
      this.#size = size;
    } catch {
      this.#grows = false; // whoever appends meets the same disk and says so
      this.#io.truncate(this.fd, this.end);
    }
  }

  #fill(size: number): void {
    for (let at = this.#size; at < size; ) {
      const written = this.#io.write(this.fd, zeros, 0, Math.min(zeros.length, size - at), at);
      if (written === 0) throw new Error("the file system wrote nothing");
      at += written;
    }
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
      this.trim();
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
    this.trim();
    try {
      this.#fill(this.end + bytes);
    } finally {
      this.trim();
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
