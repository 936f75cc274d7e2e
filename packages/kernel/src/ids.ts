/**
 * A UUID version 7 (RFC 9562 section 5.7): sorts by time, 74 random bits.
 * `randomBytes` must be 10 bytes from a secure source.
 */
export function uuidV7(nowMs: number, randomBytes: Uint8Array): string {
  if (randomBytes.length !== 10) throw new RangeError("uuidV7 takes 10 random bytes");
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  bytes.set(randomBytes, 6);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const RANDOM_BYTES = 10;
// one call of the source for many ids: it costs 6 µs however few bytes it gives
const pool = new Uint8Array(RANDOM_BYTES * 512);
let poolUsed = pool.length;

/** A new UUID version 7 for now, from the platform's secure random source. */
export function newId(nowMs: number = Date.now()): string {
  if (poolUsed === pool.length) {
    crypto.getRandomValues(pool);
    poolUsed = 0;
  }
  const random = pool.subarray(poolUsed, poolUsed + RANDOM_BYTES);
  poolUsed += RANDOM_BYTES;
  return uuidV7(nowMs, random);
}
