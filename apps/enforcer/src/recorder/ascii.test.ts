import { describe, expect, it } from "vitest";
import { digitsOf, writeInteger, writeSix } from "./ascii.ts";

describe("writeInteger", () => {
  it("writes what String writes, at every number of digits", () => {
    const bytes = Buffer.alloc(40, "x");
    const values = [
      0,
      1,
      9,
      10,
      99,
      100,
      999_999_999,
      1_000_000_000,
      1_000_000_007,
      2 ** 31,
      2 ** 32 + 7,
      1_760_000_000_000,
      Number.MAX_SAFE_INTEGER,
    ];
    for (const value of values) expect(bytes.toString("latin1", 3, writeInteger(bytes, 3, value))).toBe(String(value));
    for (const value of values) expect(digitsOf(value)).toBe(String(value).length);
    expect(bytes.toString("latin1", 0, 3)).toBe("xxx");
  });
});

describe("writeSix", () => {
  it("writes six bytes, little endian", () => {
    const bytes = Buffer.alloc(8, 0xee);
    for (const value of [0, 1, 2 ** 31, 2 ** 32 + 7, 1_760_000_000_000, 2 ** 48 - 1]) {
      writeSix(bytes, 1, value);
      expect(bytes.readUIntLE(1, 6)).toBe(value);
      expect([bytes[0], bytes[7]]).toEqual([0xee, 0xee]);
    }
  });
});
