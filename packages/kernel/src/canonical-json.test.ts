import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("canonicalJson", () => {
  it("writes the example of RFC 8785 section 3.2.3 in its order", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it("gives the same text whatever the order of keys, and again after parsing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = canonicalJson(value);
        return canonicalJson(JSON.parse(text)) === text && isDeepStrictEqual(JSON.parse(text), plain(value));
      }),
    );
  });

  it("leaves undefined properties out", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [undefined], [() => 1], ["\ud800"], [new Date(0)]])(
    "refuses %s, which has no exact JSON form",
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it("refuses a value deeper than its bound instead of exhausting the stack", () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200; depth++) value = [value];
    expect(() => canonicalJson(value)).toThrow(/deeper than/);
  });
});
