import type { ByteSink } from "../../masking/contract.ts";
import type { ByteStream } from "../byte-stream.ts";
import type { FrameReader } from "./codec/frame-reader.ts";

const SINK_BYTES = 131_072;
const FULL_BYTES = SINK_BYTES - 16_384;
/** Buffers that were sent and wait to be filled again: memory from the system costs more than filling it. */
const FREE_BUFFERS_MAX = 4;
const free: Buffer[] = [];

/** Up to here a copy costs less than another buffer. */
const COPIED_BYTES_MAX = 4_096;

/**
 * Collects what goes to one peer during one pump: untouched frames as one region of the source's chunk, and, from the first
 * replaced frame on, everything in one buffer. One write per pump; what is written has memory of its own.
 */
export class Output implements ByteSink {
  readonly #target: ByteStream;
  #region: Buffer | undefined;
  #from = 0;
  #to = 0;
  #buffer: Buffer | undefined;
  readonly #ready: () => void;
  /** a large write is on its way: what comes meanwhile collects behind it */
  #sending = false;
  length = 0;
  /** set when the peer does not take more; cleared by its owner on drain */
  blocked = false;
  /** bytes handed over in all */
  bytesOut = 0;

  /** `ready` is called when a peer that was blocked takes bytes again. */
  constructor(target: ByteStream, ready: () => void) {
    this.#target = target;
    this.#ready = ready;
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
    return this.length >= FULL_BYTES;
  }

  /** Copies what waits here out of the source's chunk. */
  detach(): void {
    if (this.#region) this.#spill();
  }

  /** True when nothing waits here. */
  get empty(): boolean {
    return this.length === 0 && this.#region === undefined;
  }

  /** Writes everything, unless a large write is on its way: then what is here follows it. */
  flush(): void {
    if (!this.#sending) return this.flushNow();
    if (this.#region) this.#spill();
    if (this.full) this.blocked = true;
  }

  /** Writes everything, whatever is on its way. */
  flushNow(): void {
    const region = this.#region;
    if (region && this.#to - this.#from <= COPIED_BYTES_MAX) {
      this.#region = undefined;
      return this.#write(copyOf(region, this.#from, this.#to));
    }
    if (region) this.#spill();
    if (this.length > 0) this.#flushBuffer();
  }

  /** Small answers are copied, so that the buffer is free at once; a buffer that is well filled is free when it was sent. */
  #flushBuffer(): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    const bytes = buffer.subarray(0, this.length);
    this.length = 0;
    this.#buffer = undefined;
    if (bytes.length <= COPIED_BYTES_MAX) {
      this.#write(copyOf(bytes, 0, bytes.length));
      return release(buffer);
    }
    this.#sending = true;
    this.#write(bytes, () => {
      release(buffer);
      this.#sent();
    });
  }

  #sent(): void {
    this.#sending = false;
    this.flushNow();
    if (!this.blocked) return;
    this.blocked = false;
    this.#ready();
  }

  #write(bytes: Buffer, released?: () => void): void {
    this.bytesOut += bytes.length;
    if (!this.#target.write(bytes, released)) this.blocked = true;
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
    const grown =
      needed <= SINK_BYTES
        ? (free.pop() ?? Buffer.allocUnsafeSlow(SINK_BYTES))
        : Buffer.allocUnsafeSlow(needed * (current ? 2 : 1));
    current?.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
    return grown;
  }
}

function release(buffer: Buffer): void {
  if (buffer.length === SINK_BYTES && free.length < FREE_BUFFERS_MAX) free.push(buffer);
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const own = Buffer.allocUnsafe(to - from);
  bytes.copy(own, 0, from, to);
  return own;
}
