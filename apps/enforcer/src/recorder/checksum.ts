import { crc32 } from "node:zlib";

/** Up to here a loop of our own costs less than a view of the bytes and a call into C++. */
const SHORT_BYTES_MAX = 160;
const POLYNOMIAL = 0xedb88320;
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** CRC-32 (IEEE 802.3) of `bytes[from, to)`. */
export function checksum(bytes: Buffer, from: number, to: number): number {
  if (to - from > SHORT_BYTES_MAX) return crc32(bytes.subarray(from, to));
  let crc = -1;
  for (let at = from; at < to; at += 1) crc = (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
