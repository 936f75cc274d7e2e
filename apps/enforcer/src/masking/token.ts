import { createHmac } from "node:crypto";

/** Tokens remembered per result set: repeated values cost a lookup. */
const REMEMBERED_MAX = 4_096;

/**
 * Tokens that join: the same value of the same data class gives the same token under one key, in text and in binary.
 * Without the key nothing about the value can be told but whether two are equal.
 */
export class Tokens {
  readonly #key: Buffer;
  readonly #dataClass: string;
  readonly #known = new Map<string, Buffer>();

  constructor(maskKey: string, dataClass: string) {
    this.#key = Buffer.from(maskKey, "base64url");
    this.#dataClass = dataClass;
  }

  /** 32 bytes for a value in its text form. */
  digest(value: string): Buffer {
    const known = this.#known.get(value);
    if (known) return known;
    const digest = createHmac("sha256", this.#key).update(this.#dataClass).update("\0").update(value).digest();
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    this.#known.set(value, digest);
    return digest;
  }
}
