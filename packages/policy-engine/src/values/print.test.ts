import fc from "fast-check";
import { expect, test } from "vitest";
import { value } from "./construct.ts";
import { valueFromCedarJson } from "./from-json.ts";
import { isoText } from "./iso-text.ts";
import { printValue } from "./print.ts";
import { valueToCedarJson } from "./to-json.ts";
import { equalValues, type Val } from "./value.ts";

test("writes times as ISO 8601 does, for every year from 0000 to 9999", () => {
  const range = { min: Date.parse("0000-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") };
  fc.assert(
    fc.property(fc.integer(range), (ms) => {
      expect(isoText(ms)).toBe(new Date(ms).toISOString());
    }),
    { seed: 3 },
  );
  expect(isoText(range.max + 1)).toBeUndefined();
  expect(isoText(range.min - 1)).toBeUndefined();
});

test("prints values as Cedar writes them", () => {
  const printed = (from: Val) => printValue(from);
  expect(printed(value.record({ a: value.set([1n, "x"]), b: value.entity({ type: "User", id: 'q"' }) }))).toBe(
    '{a: [1, "x"], b: User::"q\\""}',
  );
  expect(printed(value.decimal("-0.5"))).toBe('decimal("-0.5000")');
  expect(printed(value.ip("10.0.0.0/8"))).toBe('ip("10.0.0.0/8")');
  expect(printed(value.ip("::1"))).toBe('ip("0:0:0:0:0:0:0:1")');
  expect(printed(value.datetime(0))).toBe('datetime("1970-01-01T00:00:00.000Z")');
  expect(printed(value.durationMs(-5))).toBe('duration("-5ms")');
  expect(printed("x".repeat(500))).toHaveLength(201);
});

test("JSON carries every value there and back", () => {
  const values: Val[] = [
    true,
    "text",
    -7,
    value.set([1, value.set([2]), value.record({ a: 1 })]),
    value.record([["__proto__", "own"]]),
    value.entity({ type: "A::B", id: "" }),
    value.ip("ff00::/8"),
    value.ip("1.2.3.4"),
    value.decimal("12.34"),
    value.datetime(-62_135_596_800_001),
    value.durationMs(86_400_000),
  ];
  for (const one of values) {
    const back = valueFromCedarJson(JSON.parse(JSON.stringify(valueToCedarJson(one))));
    expect(back.ok && equalValues(back.value, one), printValue(one)).toBe(true);
  }
});
