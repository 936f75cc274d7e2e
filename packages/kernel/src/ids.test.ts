import { describe, expect, it } from "vitest";
import { newId, uuidV7 } from "./ids.ts";

describe("uuidV7", () => {
  it("is the example of RFC 9562 A.6 for its time and random bits", () => {
    const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidV7(0x017f22e279b0, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  it("keeps version and variant whatever the random bits, and the time beyond 32 bits", () => {
    expect(uuidV7(2 ** 48 - 1, new Uint8Array(10).fill(0xff))).toBe("ffffffff-ffff-7fff-bfff-ffffffffffff");
    expect(uuidV7(0, new Uint8Array(10))).toBe("00000000-0000-7000-8000-000000000000");
  });

  it("takes ten random bytes and nothing else", () => {
    expect(() => uuidV7(0, new Uint8Array(9))).toThrow("10 random bytes");
  });
});

describe("newId", () => {
  it("gives ids that differ, beyond one pool of randomness", () => {
    const ids = new Set(Array.from({ length: 2_000 }, () => newId(1_760_000_000_000)));
    expect(ids.size).toBe(2_000);
  });

  it("gives ids of the time, version and variant, with random bits that differ in every place", () => {
    const nowMs = 0x017f22e279b0;
    const ids = Array.from({ length: 1_500 }, () => newId(nowMs));
    for (const id of ids) expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const places = Array.from({ length: 36 }, (_, at) => new Set(ids.map((id) => id[at])).size);
    expect(places.slice(15)).toEqual([16, 16, 16, 1, 4, 16, 16, 16, 1, ...Array.from({ length: 12 }, () => 16)]);
    expect(newId(nowMs + 1).slice(0, 14)).toBe("017f22e2-79b1-");
  });
});
