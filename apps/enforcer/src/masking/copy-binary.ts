import { NULL_CELL } from "./cell-mask.ts";
import type { ByteSink, CopyMasker } from "./contract.ts";
import { CellCounts, type CopyColumn, writeCopyData } from "./copy-frames.ts";

/** Signature, flags, length of the extension (PostgreSQL documentation, COPY, "Binary Format"). */
const HEADER_BYTES = 19;
const TRAILER = -1;

/** Hides values in COPY's binary form, a tuple at a time. */
export class BinaryCopyMasker implements CopyMasker {
  readonly #columns: readonly (CopyColumn | undefined)[];
  readonly #extraBytes: number;
  readonly #counts = new CellCounts();
  #kept: Buffer = Buffer.alloc(0);
  /** the header, until the first message behind it: the server sends them as one, and clients read them so */
  #header: Buffer | undefined;
  #headerDone = false;
  #ended = false;

  constructor(columns: readonly (CopyColumn | undefined)[]) {
    this.#columns = columns;
    this.#extraBytes = columns.reduce((sum, column) => sum + (column?.extraBytes ?? 0), 0);
  }

  get maskedCells(): Readonly<Record<string, number>> {
    return this.#counts.counts;
  }

  push(source: Buffer, start: number, end: number, sink: ByteSink): void {
    const chunk = source.subarray(start, end);
    this.#kept = this.#kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#kept, chunk]);
    if (!this.#headerDone && !this.#takeHeader()) return;
    while (this.#tuple(sink));
  }

  /** What is left is no whole tuple: it is dropped, never passed. */
  end(sink: ByteSink): void {
    this.#kept = Buffer.alloc(0);
    if (this.#header) this.#write(this.#kept, sink);
  }

  #takeHeader(): boolean {
    if (this.#kept.length < HEADER_BYTES) return false;
    const size = HEADER_BYTES + this.#kept.readInt32BE(15);
    if (this.#kept.length < size) return false;
    this.#header = this.#kept.subarray(0, size);
    this.#kept = this.#kept.subarray(size);
    this.#headerDone = true;
    return true;
  }

  #write(bytes: Buffer, sink: ByteSink): void {
    writeCopyData(this.#header ? Buffer.concat([this.#header, bytes]) : bytes, sink);
    this.#header = undefined;
  }

  /** Writes one tuple if it is whole. */
  #tuple(sink: ByteSink): boolean {
    const kept = this.#kept;
    if (this.#ended || kept.length < 2) return false;
    const count = kept.readInt16BE(0);
    if (count === TRAILER) {
      this.#write(kept.subarray(0, 2), sink);
      this.#ended = true;
      return false;
    }
    const ends = cellEnds(kept, count);
    if (!ends) return false;
    const size = ends.at(-1) ?? 2;
    // A tuple of another width cannot be told apart into columns: it is dropped.
    if (count === this.#columns.length) this.#write(this.#masked(kept, ends), sink);
    this.#kept = kept.subarray(size);
    return true;
  }

  #masked(tuple: Buffer, ends: readonly number[]): Buffer {
    const target = Buffer.alloc((ends.at(-1) ?? 2) + this.#extraBytes);
    let out = target.writeInt16BE(this.#columns.length, 0);
    let start = 2;
    ends.forEach((end, at) => {
      const column = this.#columns[at];
      const isNull = tuple.readInt32BE(start) < 0;
      if (!column || isNull) out += tuple.copy(target, out, start, end);
      else {
        const written = column.mask(tuple, start + 4, end, target, out + 4);
        target.writeInt32BE(written === NULL_CELL ? -1 : written - out - 4, out);
        out = written === NULL_CELL ? out + 4 : written;
        this.#counts.add(column.dataClass);
      }
      start = end;
    });
    return target.subarray(0, out);
  }
}

/** Where each cell ends; undefined while the tuple is not whole. */
function cellEnds(tuple: Buffer, count: number): number[] | undefined {
  const ends: number[] = [];
  let at = 2;
  for (let cell = 0; cell < count; cell += 1) {
    if (at + 4 > tuple.length) return undefined;
    at += 4 + Math.max(0, tuple.readInt32BE(at));
    if (at > tuple.length) return undefined;
    ends.push(at);
  }
  return ends;
}
