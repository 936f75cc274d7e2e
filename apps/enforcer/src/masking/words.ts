/** Runs longer than this are copied by a call into C++, which costs as much as so many bytes by hand. */
const BY_HAND_BYTES_MAX = 96;

/**
 * A buffer read and written four bytes at a time: Buffer's own methods check types and bounds again for each of a million
 * cells. Positions are the buffer's; a RangeError beyond it.
 */
export class Words {
  readonly bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(at: number): number {
    return this.#view.getUint16(at);
  }

  int32(at: number): number {
    return this.#view.getInt32(at);
  }

  putInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** Copies `from[start..end)` to `at`; gives its end. */
  copy(from: Words, start: number, end: number, at: number): number {
    if (end - start > BY_HAND_BYTES_MAX) return at + from.bytes.copy(this.bytes, at, start, end);
    const source = from.#view;
    const target = this.#view;
    let index = start;
    let out = at;
    for (; index + 4 <= end; index += 4, out += 4) target.setInt32(out, source.getInt32(index));
    for (; index < end; index += 1, out += 1) target.setUint8(out, source.getUint8(index));
    return out;
  }
}
