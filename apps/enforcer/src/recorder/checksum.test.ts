import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { checksum } from "./checksum.ts";

test("short and long bytes have the checksum that zlib gives them", () => {
  const bytes = Buffer.from(Array.from({ length: 400 }, (_, at) => (at * 167 + (at >> 3)) & 0xff));
  for (let length = 0; length < 390; length++)
    expect(checksum(bytes, 7, 7 + length)).toBe(crc32(bytes.subarray(7, 7 + length)));
});
