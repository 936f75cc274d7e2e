import { describe, expect, it } from "vitest";
import { fullJitter } from "./backoff.ts";

describe("reconnecting", () => {
  it("waits anywhere between nothing and a ceiling that doubles up to its bound, and starts over after a success", () => {
    const highest = fullJitter({ firstMs: 250, maxMs: 1_500, random: () => 1 });
    expect([highest.next(), highest.next(), highest.next(), highest.next(), highest.next()]).toEqual([
      250, 500, 1_000, 1_500, 1_500,
    ]);
    highest.reset();
    expect(highest.next()).toBe(250);
    expect(fullJitter({ firstMs: 250, maxMs: 1_500, random: () => 0 }).next()).toBe(0);
  });
});
