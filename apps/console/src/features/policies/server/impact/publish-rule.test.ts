import { expect, test } from "vitest";
import type { ImpactResult } from "../../impact-schemas.ts";
import { countedFlips, flipsMaxNow, RAISE_DELAY_MS, secondPersonReason } from "./publish-rule.ts";

function found(part: Partial<ImpactResult>): ImpactResult {
  const none = { records: 100, sampled: 100, replayed: 100, unreplayable: {}, changed: 0, changedSinceAnchor: 0 };
  return { ...none, kinds: {}, byPolicy: [], byPrincipal: [], byResource: [], examples: [], tookMs: 1, ...part };
}

test("of a sample the count is what all of it may hold, also when the sample held none", () => {
  const sample = { records: 2_000_000, sampled: 20_000, replayed: 20_000 };
  expect(countedFlips(found({ ...sample, changed: 0 }))).toBe(300);
  expect(countedFlips(found({ ...sample, changed: 99 }))).toBe(12_000);
  expect(secondPersonReason(found({ ...sample, changed: 99 }), 100)).toMatch(/up to about 12000/);
});

test("flips are counted for what could not be replayed, in the same share", () => {
  expect(countedFlips(found({ changed: 3, changedSinceAnchor: 3 }))).toBe(3);
  expect(countedFlips(found({ replayed: 50, unreplayable: { incomplete: 50 }, changed: 3 }))).toBe(6);
  expect(countedFlips(found({ replayed: 50, unreplayable: { principal_gone: 50 }, changed: 3 }))).toBe(3);
});

test("the greater of the flips against the version in force and against the anchor counts, and the reason says so", () => {
  expect(countedFlips(found({ changed: 2, changedSinceAnchor: 9 }))).toBe(9);
  expect(secondPersonReason(found({ changed: 2, changedSinceAnchor: 9 }), 8)).toMatch(/together with/);
  expect(secondPersonReason(found({ changed: 9, changedSinceAnchor: 2 }), 8)).not.toMatch(/together with/);
  expect(secondPersonReason(found({ changed: 8, changedSinceAnchor: 8 }), 8)).toBeNull();
});

test("where most could not be replayed the effect is not known, and where nothing was recorded there is none", () => {
  expect(secondPersonReason(found({ replayed: 40, unreplayable: { incomplete: 60 } }), 1_000)).toMatch(/not known/);
  expect(secondPersonReason(found({ records: 0, sampled: 0, replayed: 0 }), 0)).toBeNull();
});

test("a raised number holds when its day is over, not before", () => {
  const stored = { flipsMax: 5, flipsMaxNext: 500, flipsMaxNextAt: new Date(RAISE_DELAY_MS) };
  expect(flipsMaxNow(stored, RAISE_DELAY_MS - 1)).toBe(5);
  expect(flipsMaxNow(stored, RAISE_DELAY_MS)).toBe(500);
  expect(flipsMaxNow({ flipsMax: 5, flipsMaxNext: null, flipsMaxNextAt: null }, 0)).toBe(5);
});
