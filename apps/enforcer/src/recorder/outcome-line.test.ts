import { canonicalJson, newId } from "@sluice/kernel";
import { ledgerEntrySchema } from "@sluice/ledger";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OUTCOME_LINE_BYTES_MAX, type OutcomeDraft, outcomeLine } from "./outcome-line.ts";
import { PlainOutcomes } from "./plain-outcome.ts";
import { recordId } from "./record-id.ts";
import { owner } from "./spool.fixture.ts";

const words = fc.string({ unit: "binary", maxLength: 20 });
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const outcome = fc.record({
  status: fc.constantFrom("ok" as const, "refused" as const, "error" as const, "aborted" as const),
  rows: fc.nat(),
  bytes: fc.nat(),
  maskedCells: fc.dictionary(fc.string({ maxLength: 8 }), fc.nat(), { maxKeys: 3, noNullPrototype: true }),
  durationUs: fc.nat(),
  decideUs: fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.nat().map((tenths) => tenths / 10),
  ),
  error: optional(words),
  tag: optional(fc.oneof(words, fc.constantFrom("SELECT 1", "INSERT 0 7", "BEGIN"))),
});

const numbers = { id: recordId(newId()), seq: 2, atMs: 5, ofSeq: 1, ofAtMs: 4 };

describe("outcomeLine", () => {
  it("is a valid entry in canonical form, and never larger than what was reserved", () => {
    fc.assert(
      fc.property(outcome, fc.string({ maxLength: 9_000 }), (value, reason) => {
        const line = outcomeLine({ verdict: "allow", reason, outcome: value }, owner, numbers);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(OUTCOME_LINE_BYTES_MAX);
        const parsed: unknown = JSON.parse(line);
        expect(`${canonicalJson(parsed)}\n`).toBe(line);
        ledgerEntrySchema.parse(parsed);
      }),
    );
  });

  it("keeps status, numbers and the sum of masked cells when it has to be shortened", () => {
    const maskedCells = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`class-${index}`, 2]));
    const draft = {
      status: "ok",
      rows: 7,
      bytes: 9,
      maskedCells,
      durationUs: 3,
      decideUs: 1,
      tag: "SELECT 7",
    } as const;
    const parsed = JSON.parse(outcomeLine({ verdict: "mask", outcome: draft }, owner, numbers));
    expect(parsed.outcome).toMatchObject({ status: "ok", rows: 7, maskedCells: { "*": 1_000 }, tag: "SELECT 7" });
  });
});

describe("PlainOutcomes", () => {
  const plainOutcomes = new PlainOutcomes(owner);
  const write = (draft: OutcomeDraft) => {
    const bytes = Buffer.alloc(OUTCOME_LINE_BYTES_MAX + 4, 0xee);
    const end = plainOutcomes.write(bytes, 2, draft, numbers);
    return end === undefined ? undefined : bytes.toString("utf8", 2, end);
  };

  it("writes exactly what outcomeLine writes, or leaves it to that", () => {
    fc.assert(
      fc.property(outcome, optional(words), (value, reason) => {
        const draft = { verdict: "allow" as const, reason, outcome: value };
        const written = write(draft);
        if (written !== undefined) expect(written).toBe(outcomeLine(draft, owner, numbers));
      }),
    );
  });

  it("writes those that nearly all exchanges have", () => {
    const plain = { status: "ok", rows: 3, bytes: 99, durationUs: 1_200, decideUs: 12.5, tag: "SELECT 3" } as const;
    expect(write({ verdict: "mask", outcome: { ...plain, maskedCells: { email: 3, "a b": 1 } } })).toBeDefined();
    expect(write({ verdict: "allow", outcome: { ...plain, maskedCells: {} } })).toBeDefined();
    expect(write({ verdict: "allow", outcome: { ...plain, maskedCells: {}, decideUs: 0.1 } })).toBeDefined();
  });
});
