import { logger } from "@sluice/telemetry";
import { createSegment, type Segment } from "./segment.ts";
import type { SpoolIo } from "./spool-io.ts";
import type { ClosedSegment } from "./spool-recovery.ts";

const log = logger("enforcer.recorder");

/** The spool's files: the closed ones, oldest first, and the one that is written. */
export class Segments {
  readonly #io: SpoolIo;
  readonly #directory: string;
  #closed: ClosedSegment[];
  #closedBytes: number;
  #current: Segment;

  constructor(io: SpoolIo, directory: string, found: { closed: readonly ClosedSegment[]; current: Segment }) {
    this.#io = io;
    this.#directory = directory;
    this.#closed = [...found.closed];
    this.#closedBytes = found.closed.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#current = found.current;
  }

  get current(): Segment {
    return this.#current;
  }

  /** of all files */
  get bytes(): number {
    return this.#closedBytes + this.#current.end;
  }

  /**
   * Closes the written file and begins the next one with the chain's head. Only at a seal, so that no batch lies in two
   * files. The old file is on disk before the next one exists. Throws the file system's error; then nothing changed.
   */
  rotate(lastSeq: number, head: Uint8Array): Segment {
    const old = this.#current;
    old.trim();
    this.#io.dataSyncNow(old.fd);
    const next = createSegment(this.#io, this.#directory, lastSeq + 1, head);
    this.#closed.push({ path: old.path, firstSeq: old.firstSeq, lastSeq, bytes: old.end });
    this.#closedBytes += old.end;
    this.#current = next;
    return next;
  }

  /** Leaves the written file without room ahead of its frames; what that fails at, the next life does. */
  trim(): void {
    try {
      this.#current.trim();
    } catch (error) {
      log.error({ err: error }, "spool.trim_failed");
    }
  }

  /** Files to read from, each with the bytes that are whole and on disk. */
  readable(): readonly { readonly path: string; readonly firstSeq: number; readonly end: number }[] {
    const { path, firstSeq, synced } = this.#current;
    return [...this.#closed.map((file) => ({ ...file, end: file.bytes })), { path, firstSeq, end: synced }];
  }

  /** Removes closed files that hold nothing beyond this number. Gives how many; what fails is tried again next time. */
  remove(throughSeq: number): number {
    // The next file's start must be on disk before the last file that also knows the chain's head goes.
    const keepFrom = this.#current.synced > 0 ? Number.POSITIVE_INFINITY : (this.#closed.at(-1)?.firstSeq ?? 0);
    const done = this.#closed.filter(({ lastSeq, firstSeq }) => lastSeq <= throughSeq && firstSeq < keepFrom);
    try {
      for (const file of done) {
        this.#io.remove(file.path);
        this.#closed = this.#closed.filter((kept) => kept !== file);
        this.#closedBytes -= file.bytes;
      }
    } catch (error) {
      log.error({ err: error }, "spool.trim_failed");
    }
    return done.length;
  }
}
