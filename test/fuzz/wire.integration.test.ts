import { expect, test } from "vitest";
import { fuzzWire } from "./wire.ts";

test.each([
  ["portals", "portals read in pieces, cursors and settings that change in between"],
  ["encodings", "texts whose bytes mean another thing in another encoding or with other strings"],
] as const)(
  "executes nothing that a role without the rights is refused, and answers the same: %s, %s",
  {
    timeout: 60_000,
  },
  async (family, _how) => {
    const run = await fuzzWire(family, 2026, 200);
    expect(run.differences).toEqual([]);
    expect(run.conversations).toBe(200);
    // the generator still reaches what is carried out and what is refused
    expect(run.same).toBeGreaterThan(1_000);
    expect(run.refused).toBeGreaterThan(5);
  },
);
