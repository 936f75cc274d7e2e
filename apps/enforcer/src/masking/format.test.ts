import { maskStrategySchema } from "@sluice/bundle";
import { maskExamples } from "@sluice/bundle/mask-examples";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NULL_CELL } from "./cell-mask.ts";
import { cellMaskFor } from "./cells.ts";
import { DigitPseudonyms } from "./format.ts";

const KEY = Buffer.alloc(32).toString("base64url");
const OTHER_KEY = Buffer.alloc(32, 1).toString("base64url");
const TEXT = 25;
const INT4 = 23;
const INT8 = 20;

function mask(value: Buffer, over: Partial<Parameters<typeof cellMaskFor>[0]> = {}): Buffer | null {
  const kind = { strategy: "format", dataClass: "card", typeOid: TEXT, format: 0, maskKey: KEY, ...over } as const;
  const target = Buffer.alloc(value.length + 64);
  const end = cellMaskFor(kind)(value, 0, value.length, target, 0);
  return end === NULL_CELL ? null : target.subarray(0, end);
}
const text = (value: string, over = {}) => mask(Buffer.from(value), over)?.toString() ?? null;
const binary = (value: bigint, bytes: 4 | 8) => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeInt32BE(Number(value));
  else buffer.writeBigInt64BE(value);
  return buffer;
};
const passesLuhn = (digits: string) => {
  const sum = Array.from(digits, Number)
    .toReversed()
    .reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2), 0);
  return sum % 10 === 0;
};

test("the examples that people choose by are what columns really show", () => {
  for (const [dataClass, { shown, value }] of Object.entries(maskExamples))
    for (const strategy of maskStrategySchema.options)
      expect([dataClass, strategy, text(value, { dataClass, strategy })]).toEqual([
        dataClass,
        strategy,
        shown[strategy],
      ]);
});

describe("a masked number", () => {
  test("keeps its length and punctuation and is another one", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[+(]?[0-9][0-9 ().-]{5,20}[0-9]$/), (value) => {
        fc.pre(value.replaceAll(/\D/g, "").length >= 6);
        const shown = text(value, { dataClass: "phone" }) ?? "";
        expect(shown).not.toBe(value);
        expect(shown === "***" || shown.replaceAll(/\d/g, "#") === value.replaceAll(/\d/g, "#")).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("joins: the same digits give the same, whatever stands between them; another class or key another", () => {
    const digits = (shown: string | null) => shown?.replaceAll(/\D/g, "");
    const plain = digits(text("4111111111111111"));
    expect(digits(text("4111-1111-1111-1111"))).toBe(plain);
    expect(digits(text("4111 1111 1111 1111"))).toBe(plain);
    expect(digits(text("4111111111111111", { dataClass: "credit-card-2" }))).not.toBe(plain);
    expect(digits(text("4111111111111111", { maskKey: OTHER_KEY }))).not.toBe(plain);
  });

  test("of a card has a right checksum if and only if the card's is right", () => {
    const pseudonyms = new DigitPseudonyms(KEY, "card");
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{12,19}$/), (digits) => {
        const shown = pseudonyms.of(digits) ?? "";
        expect(shown).toHaveLength(digits.length);
        expect(passesLuhn(shown)).toBe(passesLuhn(digits));
      }),
      { numRuns: 200 },
    );
    expect(passesLuhn(pseudonyms.of("4111111111111111") ?? "")).toBe(true);
  });

  test("is that of no other number: a join finds no more than before", () => {
    const pseudonyms = new DigitPseudonyms(KEY, "ssn");
    const shown = new Set(
      Array.from({ length: 2_000 }, (_, at) => pseudonyms.of(String(78_051_120 + at).padStart(9, "0"))),
    );
    expect(shown.size).toBe(2_000);
  });

  test.each(["12345", "1".repeat(41), "ana@example.com", "DE89 3704 0044", "", "---", "٠١٢٣٤٥٦٧"])(
    "is not made of %j: it is hidden whole",
    (value) => expect(text(value)).toBe("***"),
  );

  test("in an integer column stays one of as many digits and the same sign, in text and in binary alike", () => {
    for (const [typeOid, bytes, values] of [
      [INT4, 4, ["123456", "2147483647", "-1000000"]],
      [INT8, 8, ["4111111111111111", "9223372036854775807", "-123456789"]],
    ] as const)
      for (const value of values) {
        const shown = text(value, { typeOid }) ?? "";
        expect(shown).toHaveLength(value.length);
        expect(shown.startsWith("-")).toBe(value.startsWith("-"));
        expect(shown).not.toBe(value);
        const wire = mask(binary(BigInt(value), bytes), { typeOid, format: 1 });
        expect(wire).toEqual(binary(BigInt(shown), bytes));
      }
  });

  test.each([
    [INT4, "12345"],
    [INT4, "0"],
    [21, "12345"],
    [1700, "NaN"],
    [1700, "0.1234567"],
    [1700, "12.5"],
    [1082, "01/31/2026"],
    [1082, "infinity"],
    [1007, "{1234567"],
    [600, "(1,2)"],
  ])("of type %i that has no pseudonym (%s) is NULL", (typeOid, value) => {
    expect(text(value, { typeOid })).toBeNull();
  });

  test("in a binary cell that cannot be decoded is NULL", () => {
    expect(mask(Buffer.from("123"), { typeOid: INT8, format: 1 })).toBeNull();
  });
});

test("a token of bytes is the same in text and in binary", () => {
  const over = { strategy: "hmac", typeOid: 17, dataClass: "photo" } as const;
  const wire = mask(Buffer.from("deadbeef", "hex"), { ...over, format: 1 });
  expect(wire).toHaveLength(16);
  expect(text("\\xDEADBEEF", over)).toBe(`\\x${wire?.toString("hex")}`);
  expect(text("\\336\\255", over)).toBe("\\x");
});
