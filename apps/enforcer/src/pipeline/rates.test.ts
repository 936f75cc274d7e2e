import { manualClock } from "@sluice/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateTable } from "./rates.ts";

describe("a rate table", () => {
  test("takes so many a minute, then says when to come again, and that is true", () => {
    const clock = manualClock();
    const rates = new RateTable(clock);
    expect(rates.take("ana", 2)).toBeUndefined();
    clock.advance(10_000);
    expect(rates.take("ana", 2)).toBeUndefined();
    const excess = rates.take("ana", 2);
    expect(excess).toEqual({ limit: 2, retryAfterS: 51 });
    clock.advance(50_000);
    expect(rates.take("ana", 2)).toEqual({ limit: 2, retryAfterS: 1 });
    clock.advance(1_000);
    expect(rates.take("ana", 2)).toBeUndefined();
    expect(rates.take("ana", 2)).toBeDefined();
  });

  test("counts each principal alone", () => {
    const rates = new RateTable(manualClock());
    expect(rates.take("ana", 1)).toBeUndefined();
    expect(rates.take("bo", 1)).toBeUndefined();
    expect(rates.take("ana", 1)).toBeDefined();
  });

  test("counts what is under a small limit under the larger ones too, not the other way round", () => {
    const rates = new RateTable(manualClock());
    for (let count = 0; count < 3; count++) expect(rates.take("ana", 5)).toBeUndefined();
    expect(rates.take("ana", 2)).toBeUndefined();
    expect(rates.take("ana", 2)).toBeUndefined();
    expect(rates.take("ana", 2)).toMatchObject({ retryAfterS: 61 });
    expect(rates.take("ana", 5)).toMatchObject({ limit: 5 });
  });

  test("never takes more than the limit in any 60 seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 20_000 })), (limit, waits) => {
        const clock = manualClock();
        const rates = new RateTable(clock);
        const taken: number[] = [];
        for (const wait of waits) {
          clock.advance(wait);
          if (rates.take("ana", limit) === undefined) taken.push(clock.monotonic());
        }
        for (const at of taken)
          expect(taken.filter((other) => other <= at && at - other < 60_000).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test("is bounded: it forgets who is idle, and refuses newcomers rather than forget who is busy", () => {
    const clock = manualClock();
    const rates = new RateTable(clock, 2);
    rates.take("ana", 5);
    clock.advance(30_000);
    rates.take("bo", 5);
    expect(rates.take("cy", 5)).toMatchObject({ retryAfterS: 61 });
    clock.advance(31_000);
    expect(rates.take("cy", 5)).toBeUndefined();
    expect(rates.size).toBe(2);
  });
});
