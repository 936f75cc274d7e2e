/** Why a peer's bytes cannot be framed: the session must end. */
export type FrameFault = "length_is_too_small" | "length_is_too_large" | "type_is_zero";

const HEADER_BYTES = 5;
const TAIL_BYTES_MIN = 4096;
const DETACHED_BYTES_MIN = 256;
/** A frame up to here that two chunks share is put together on its own. */
const BRIDGE_BYTES_MAX = 16_384;
/**
 * What waits while its receiver takes no more is kept in buffers of one size, which serve again once their reader has read
 * past them: left to the garbage collector, tens of megabytes of them lie about while a large answer passes.
 */
const HOLD_BYTES = 131_072;
const HOLD_BYTES_MIN = 16_384;
const FREE_HOLDS_MAX = 4;
const freeHolds: Buffer[] = [];

/**
 * Walks PostgreSQL v3 frames (one type byte, then a 32-bit length that counts itself; protocol-message-formats) over chunks
 * that split anywhere. Frames are views into the chunk; only an incomplete tail is copied, and its buffer grows with the
 * bytes that really came, never with the length that was announced. Memory: at most twice `frameBytesMax`.
 *
 * Use: `push(chunk)`, then `next()` until it returns false. The frame is `buffer[start..end)`, valid until the next push.
 */
export class FrameReader {
  readonly frameBytesMax: number;
  buffer: Buffer = Buffer.alloc(0);
  /** the current frame, header included */
  start = 0;
  end = 0;
  /** type byte of the current frame; 0 when it is a piece of a frame that `streamRest` let through */
  type = 0;
  fault: FrameFault | undefined;
  /** Memory that was read past may be filled for others at the next push. Only where nothing keeps views of frames. */
  sharesMemory = false;
  #limit = 0;
  #position = 0;
  #skip = 0;
  /** set while `buffer` is our own tail and has room to grow */
  #owned = false;
  /** the chunk behind a frame that was put together in `buffer`, and where its own frames begin */
  #behind: Buffer | undefined;
  #behindFrom = 0;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  /** True when no byte is kept, so the last chunk's memory may be used again. */
  get idle(): boolean {
    return this.#position === this.#limit && this.#behind === undefined;
  }

  /** True in the middle of a frame whose rest streams through. */
  get streaming(): boolean {
    return this.#skip > 0;
  }

  /** Where the walk stands in `buffer`. */
  get position(): number {
    return this.#position;
  }

  /** Adds bytes. Frames that were not yet read stay first in line. */
  push(chunk: Buffer): void {
    if (this.#behind) this.#join();
    const rest = this.#limit - this.#position;
    if (rest === 0) {
      this.#letGo();
      return this.#view(chunk, 0);
    }
    if (this.#bridge(rest, chunk)) return;
    if (this.#owned && this.buffer.length - this.#limit >= chunk.length) {
      chunk.copy(this.buffer, this.#limit);
      this.#limit += chunk.length;
      return;
    }
    const grown = this.#memoryFor(Math.max(TAIL_BYTES_MIN, (rest + chunk.length) * 2));
    this.buffer.copy(grown, 0, this.#position, this.#limit);
    chunk.copy(grown, rest);
    this.#letGo();
    this.buffer = grown;
    this.#position = 0;
    this.#limit = rest + chunk.length;
    this.#owned = true;
  }

  #view(chunk: Buffer, from: number): void {
    this.buffer = chunk;
    this.#position = from;
    this.#limit = chunk.length;
    this.#owned = false;
  }

  /** Frames are valid until the next push, so a push may give the memory of those before it to another reader. */
  #letGo(): void {
    const isHold = this.sharesMemory && this.#owned && this.buffer.length === HOLD_BYTES;
    if (isHold && freeHolds.length < FREE_HOLDS_MAX) freeHolds.push(this.buffer);
    this.#owned = false;
  }

  #memoryFor(bytes: number): Buffer {
    if (!this.sharesMemory || bytes < HOLD_BYTES_MIN || bytes > HOLD_BYTES) return Buffer.allocUnsafe(bytes);
    return freeHolds.pop() ?? Buffer.allocUnsafeSlow(HOLD_BYTES);
  }

  /** Puts the frame together that ends in this chunk, and leaves the rest of the chunk where it is. */
  #bridge(rest: number, chunk: Buffer): boolean {
    if (this.#skip > 0 || rest < HEADER_BYTES) return false;
    const size = this.#lengthAt(this.#position) + 1;
    if (size <= rest || size > BRIDGE_BYTES_MAX || size - rest > chunk.length) return false;
    const whole = Buffer.allocUnsafe(size);
    this.buffer.copy(whole, 0, this.#position, this.#limit);
    chunk.copy(whole, rest, 0, size - rest);
    this.#letGo();
    this.#view(whole, 0);
    if (size - rest === chunk.length) return true;
    this.#behind = chunk;
    this.#behindFrom = size - rest;
    return true;
  }

  /** What was not yet read, in one buffer again. */
  #join(): void {
    const behind = this.#behind;
    if (!behind) return;
    this.#behind = undefined;
    if (this.#position === this.#limit) return this.#view(behind, this.#behindFrom);
    const parts = [this.buffer.subarray(this.#position, this.#limit), behind.subarray(this.#behindFrom)];
    this.#view(Buffer.concat(parts), 0);
  }

  /** Copies what is kept out of a chunk whose memory its owner will use again. */
  detach(): void {
    if (this.#behind) this.#join();
    const rest = this.#limit - this.#position;
    if (rest === 0 || this.#owned) return;
    const own = this.#memoryFor(Math.max(DETACHED_BYTES_MIN, rest * 2));
    this.buffer.copy(own, 0, this.#position, this.#limit);
    this.buffer = own;
    this.#position = 0;
    this.#limit = rest;
    this.#owned = true;
  }

  /** Moves to the next whole frame (or the next piece of a streamed one). False: more bytes are needed, or a fault. */
  next(): boolean {
    if (this.#behind && this.#position === this.#limit) this.#join();
    const at = this.#position;
    const available = this.#limit - at;
    if (this.#skip > 0) return this.#nextPiece(available);
    if (available < HEADER_BYTES) return false;
    const length = this.#lengthAt(at);
    if (length < 4) return this.#fail("length_is_too_small");
    if (length > this.frameBytesMax) return this.#fail("length_is_too_large");
    if (available < length + 1) return false;
    const type = this.buffer[at] ?? 0;
    // no message has it, and for whoever reads frames here it means a piece of one that was looked at before
    if (type === 0) return this.#fail("type_is_zero");
    this.type = type;
    this.start = at;
    this.end = at + 1 + length;
    this.#position = this.end;
    return true;
  }

  /** As `next`, if the next frame is of this type and in the same buffer; else nothing changes. */
  nextIs(type: number): boolean {
    const at = this.#position;
    return this.#skip === 0 && at < this.#limit && this.buffer[at] === type && this.next();
  }

  /** Puts the current frame back: the next `next` returns it again. Not for pieces. */
  unread(): void {
    this.#position = this.start;
  }

  /** bytes that came and were not yet read */
  get waiting(): number {
    return this.#limit - this.#position + (this.#behind ? this.#behind.length - this.#behindFrom : 0);
  }

  /**
   * Type and length (header's own 4 bytes included) of the incomplete frame at the front, once its header came. Nothing of a
   * frame that is whole and only waits to be read: to stream its "rest" would take the frames behind it for a part of it.
   */
  partial(): { readonly type: number; readonly length: number } | undefined {
    const available = this.#limit - this.#position;
    if (this.#skip > 0 || this.fault || available < HEADER_BYTES) return undefined;
    if (available > this.#lengthAt(this.#position)) return undefined;
    return { type: this.buffer[this.#position] ?? 0, length: this.#lengthAt(this.#position) };
  }

  /**
   * Gives up waiting for the incomplete frame at the front: what is here becomes the current piece (type 0 after this
   * call for the rest), and the rest follows piece by piece through `next`. Call only when `partial` returned a frame.
   */
  streamRest(): void {
    const at = this.#position;
    this.type = this.buffer[at] ?? 0;
    this.#skip = this.#lengthAt(at) + 1 - (this.#limit - at);
    this.start = at;
    this.end = this.#limit;
    this.#position = this.#limit;
  }

  #nextPiece(available: number): boolean {
    if (available === 0) return false;
    const taken = Math.min(available, this.#skip);
    this.type = 0;
    this.start = this.#position;
    this.end = this.start + taken;
    this.#position = this.end;
    this.#skip -= taken;
    return true;
  }

  #lengthAt(at: number): number {
    const { buffer } = this;
    return (
      (((buffer[at + 1] ?? 0) << 24) |
        ((buffer[at + 2] ?? 0) << 16) |
        ((buffer[at + 3] ?? 0) << 8) |
        (buffer[at + 4] ?? 0)) >>>
      0
    );
  }

  #fail(fault: FrameFault): false {
    this.fault = fault;
    return false;
  }
}
