import { randomFillSync } from "node:crypto";
import { uuidV7 } from "@sluice/kernel";

/** Characters of an id. */
export const ID_BYTES = 36;
const RANDOM_BYTES = 10;
/** Ids made at a time: a call of the source costs 6 µs however few bytes it gives. */
const POOLED = 512;
/** Characters that are the time's and the version's: all ids of a millisecond have them in common. */
const HEAD_BYTES = "xxxxxxxx-xxxx-".length;

/** A record's id, a UUID version 7 (RFC 9562): the characters that files need, and the text when somebody asks for it. */
export class RecordId {
  readonly bytes: Uint8Array;
  /** where its characters begin */
  readonly at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  get text(): string {
    return String.fromCharCode(...this.bytes.subarray(this.at, this.at + ID_BYTES));
  }

  /** Writes its characters at `to`; gives their end. */
  write(target: Uint8Array, to: number): number {
    const { at, bytes } = this;
    for (let index = 0; index < ID_BYTES; index += 1) target[to + index] = bytes[at + index] ?? 0;
    return to + ID_BYTES;
  }
}

/** The id with this text. Throws when it is no UUID in lower case: it is written without escapes. */
export function recordId(text: string): RecordId {
  if (!UUID.test(text)) throw new RangeError("a record's id is a UUID in lower case");
  return new RecordId(Buffer.from(text, "latin1"), 0);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_RANDOM = new Uint8Array(RANDOM_BYTES);

/** Gives new ids, without a string for each: in the way of a statement a string costs ten times as much as its characters. */
export class RecordIds {
  readonly #random = new Uint8Array(RANDOM_BYTES * POOLED);
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headMs = -1;
  #pool = new Uint8Array(0);
  #at = 0;

  /** An id of this time that nobody else has. */
  next(nowMs: number): RecordId {
    if (nowMs !== this.#headMs) this.#setHead(nowMs);
    if (this.#at === this.#pool.length) this.#refill();
    const at = this.#at;
    this.#at = at + ID_BYTES;
    const pool = this.#pool;
    for (let index = 0; index < HEAD_BYTES; index += 1) pool[at + index] = this.#head[index] ?? 0;
    return new RecordId(pool, at);
  }

  #setHead(nowMs: number): void {
    this.#head.set(Buffer.from(uuidV7(nowMs, NO_RANDOM).slice(0, HEAD_BYTES), "latin1"));
    this.#headMs = nowMs;
  }

  /** In memory of its own: the ids that were given out live as long as their records. */
  #refill(): void {
    const random = randomFillSync(this.#random);
    const pool = new Uint8Array(ID_BYTES * POOLED);
    for (let id = 0; id < POOLED; id += 1) writeEnd(pool, id * ID_BYTES + HEAD_BYTES, random, id * RANDOM_BYTES);
    this.#pool = pool;
    this.#at = 0;
  }
}

/** What follows the time: version, variant and 74 random bits. */
function writeEnd(pool: Uint8Array, at: number, random: Uint8Array, from: number): void {
  const byte = (index: number) => random[from + index] ?? 0;
  writeHex(pool, at, 0x70 | (byte(0) & 0x0f));
  writeHex(pool, at + 2, byte(1));
  pool[at + 4] = DASH;
  writeHex(pool, at + 5, 0x80 | (byte(2) & 0x3f));
  writeHex(pool, at + 7, byte(3));
  pool[at + 9] = DASH;
  for (let index = 4; index < RANDOM_BYTES; index += 1) writeHex(pool, at + 2 + 2 * index, byte(index));
}

const DASH = 0x2d;
const DIGITS = Buffer.from("0123456789abcdef");

function writeHex(target: Uint8Array, at: number, byte: number): void {
  target[at] = DIGITS[byte >> 4] ?? 0;
  target[at + 1] = DIGITS[byte & 0x0f] ?? 0;
}
