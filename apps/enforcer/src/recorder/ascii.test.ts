import { describe, expect, it } from "vitest";
import { writeAscii, writeInteger } from "./ascii.ts";

describe("writeInteger", () => {
  it("writes what String writes, at every number of digits", () => {
    const bytes = Buffer.alloc(40, "x");
    const values = [0, 1, 9, 10, 99, 100, 2 ** 31, 2 ** 32 + 7, 1_760_000_000_000, Number.MAX_SAFE_INTEGER];
    for (const value of values) expect(bytes.toString("latin1", 3, writeInteger(bytes, 3, value))).toBe(String(value));
    expect(bytes.toString("latin1", 0, 3)).toBe("xxx");
  });
});

describe("writeAscii", () => {
  it("writes the text where it is told and gives its end", () => {
    const bytes = Buffer.alloc(10, "-");
    expect(writeAscii(bytes, 2, "tag")).toBe(5);
    expect(bytes.toString()).toBe("--tag-----");
  });
});
