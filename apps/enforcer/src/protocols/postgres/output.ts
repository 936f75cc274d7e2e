import type { ByteSink } from "../../masking/contract.ts";
import type { ByteStream } from "../byte-stream.ts";
import type { FrameReader } from "./codec/frame-reader.ts";

const SINK_BYTES = 131_072;

/**
 * Collects what goes to one peer during one pump: untouched frames as one region of the source's chunk without copying,
 * and, from the first replaced frame on, everything in one buffer. One write per pump.
 */
export class Output implements ByteSink {
  readonly #target: ByteStream;
  #region: Buffer | undefined;
  #from = 0;
  #to = 0;
  #buffer: Buffer | undefined;
  length = 0;
  /** set when the peer does not take more; cleared by its owner on drain */
  blocked = false;
  /** bytes handed over in all */
  bytesOut = 0;

  constructor(target: ByteStream) {
    this.#target = target;
  }

  /** Passes the reader's current frame or piece on as it is. */
  pass(reader: FrameReader): void {
    if (this.length > 0) this.append(reader.buffer.subarray(reader.start, reader.end));
    else if (this.#region === reader.buffer && this.#to === reader.start) this.#to = reader.end;
    else {
      if (this.#region) this.#spill();
      if (this.length > 0) return this.append(reader.buffer.subarray(reader.start, reader.end));
      this.#region = reader.buffer;
      this.#from = reader.start;
      this.#to = reader.end;
    }
  }

  /** Adds bytes of our own after everything so far. */
  append(bytes: Buffer): void {
    const buffer = this.reserve(bytes.length);
    bytes.copy(buffer, this.length);
    this.length += bytes.length;
  }

  /** Room for `bytes` after `length`; what was passed so far is before it. */
  reserve(bytes: number): Buffer {
    if (this.#region) this.#spill();
    return this.#room(bytes);
  }

  /** True when enough has collected to be written before going on. */
  get full(): boolean {
    return this.length >= SINK_BYTES - 16_384;
  }

  /** Writes everything. */
  flush(): void {
    if (this.#region) {
      const bytes = this.#region.subarray(this.#from, this.#to);
      this.#region = undefined;
      this.#write(bytes);
    } else if (this.length > 0) {
      const bytes = this.#buffer?.subarray(0, this.length) ?? Buffer.alloc(0);
      this.length = 0;
      this.#write(bytes);
      if (this.#target.backlog > 0 || (this.#buffer?.length ?? 0) > SINK_BYTES * 2) this.#buffer = undefined;
    }
  }

  #write(bytes: Buffer): void {
    this.bytesOut += bytes.length;
    if (!this.#target.write(bytes)) this.blocked = true;
  }

  #spill(): void {
    const region = this.#region;
    this.#region = undefined;
    if (!region) return;
    const size = this.#to - this.#from;
    region.copy(this.#room(size), this.length, this.#from, this.#to);
    this.length += size;
  }

  #room(bytes: number): Buffer {
    const needed = this.length + bytes;
    const current = this.#buffer;
    if (current && current.length >= needed) return current;
    const grown = Buffer.allocUnsafe(Math.max(SINK_BYTES, needed * (current ? 2 : 1)));
    current?.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
    return grown;
  }
}
