import { CHAIN_HEAD_BYTES } from "@sluice/ledger";
import { FRAME, type Frame, readFrame } from "./frame.ts";
import { expandRepeat } from "./repeat.ts";
import type { SpoolIo } from "./spool-io.ts";

/** A batch as it was sealed: its bounds never change, however often it is sent. */
export interface SealedBatch {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly previous: Buffer;
  readonly head: Buffer;
  readonly signature: Buffer;
  /** the entries' lines */
  readonly bytes: Buffer;
}

/** A file of the spool and how far it may be read. */
export interface ReadableFile {
  readonly path: string;
  readonly firstSeq: number;
  readonly end: number;
}

const WINDOW_BYTES = 262_144;

/** Reads sealed batches in order from the files. One reader has one place; asking elsewhere makes it seek. */
export class BatchReader {
  readonly #io: SpoolIo;
  readonly #files: () => readonly ReadableFile[];
  #open: { readonly file: string; readonly fd: number } | undefined;
  #at = 0;
  #afterSeq = -1;

  constructor(io: SpoolIo, files: () => readonly ReadableFile[]) {
    this.#io = io;
    this.#files = files;
  }

  /**
   * The first batch that ends after `afterSeq` and is on disk, or undefined while there is none. Throws the file
   * system's error.
   */
  next(afterSeq: number): SealedBatch | undefined {
    const files = this.#files();
    let index = files.findIndex(({ path }) => path === this.#open?.file);
    if (index < 0 || afterSeq !== this.#afterSeq) {
      index = Math.max(
        0,
        files.findLastIndex(({ firstSeq }) => firstSeq <= afterSeq + 1),
      );
      this.#seek(files[index]);
    }
    for (; index < files.length; index++) {
      const file = files[index];
      if (file === undefined) return undefined;
      if (this.#open?.file !== file.path) this.#seek(file);
      const batch = this.#readFrom(file, afterSeq);
      this.#afterSeq = batch?.lastSeq ?? afterSeq;
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  /** Releases the file. */
  close(): void {
    if (this.#open !== undefined) this.#io.close(this.#open.fd);
    this.#open = undefined;
  }

  #seek(file: ReadableFile | undefined): void {
    this.close();
    this.#at = 0;
    if (file !== undefined) this.#open = { file: file.path, fd: this.#io.open(file.path, "existing") };
  }

  #readFrom(file: ReadableFile, afterSeq: number): SealedBatch | undefined {
    let windowBytes = WINDOW_BYTES;
    while (this.#at < file.end) {
      const window = this.#window(file, windowBytes);
      const found = scan(window, afterSeq);
      this.#at += found.skip;
      if (found.batch !== undefined) return found.batch;
      if (this.#at + window.length - found.skip >= file.end) return undefined; // the rest is not sealed yet
      if (found.skip === 0) windowBytes *= 2; // a batch larger than the window
    }
    return undefined;
  }

  #window(file: ReadableFile, windowBytes: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.min(windowBytes, file.end - this.#at));
    let filled = 0;
    while (filled < bytes.length && this.#open !== undefined) {
      const read = this.#io.read(this.#open.fd, bytes.subarray(filled), this.#at + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  }
}

/** The first batch after `afterSeq` in the window; `skip` is where its frames, or those still unsealed, begin or end. */
function scan(window: Buffer, afterSeq: number): { readonly skip: number; readonly batch?: SealedBatch } {
  let entries: Frame[] = [];
  let skip = 0;
  for (let at = 0; ; ) {
    const read = readFrame(window, at);
    if (read.kind !== "frame") return { skip };
    const { end, kind, ofSeq, payload, seq } = read.frame;
    at = end;
    if (kind === FRAME.start) skip = end;
    else if (kind !== FRAME.seal) entries.push(read.frame);
    else if (seq > afterSeq) return { skip: end, batch: sealed(payload, { firstSeq: ofSeq, lastSeq: seq }, entries) };
    else {
      entries = [];
      skip = end;
    }
  }
}

function sealed(payload: Buffer, range: { firstSeq: number; lastSeq: number }, entries: readonly Frame[]): SealedBatch {
  return {
    ...range,
    previous: Buffer.from(payload.subarray(0, CHAIN_HEAD_BYTES)),
    head: Buffer.from(payload.subarray(CHAIN_HEAD_BYTES, 2 * CHAIN_HEAD_BYTES)),
    signature: Buffer.from(payload.subarray(2 * CHAIN_HEAD_BYTES)),
    bytes: Buffer.concat(entries.map((entry) => lineOf(entry, entries[entry.ofSeq - range.firstSeq]))),
  };
}

function lineOf({ kind, payload, seq }: Frame, first: Frame | undefined): Buffer {
  if (kind !== FRAME.repeat) return payload;
  const line = first?.kind === FRAME.intent ? expandRepeat(first.payload, payload, seq) : undefined;
  if (line === undefined) throw new Error(`the record spool's entry ${seq} repeats one that its batch does not have`);
  return line;
}
