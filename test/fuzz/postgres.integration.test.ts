import { expect, test } from "vitest";
import { fuzzPostgres } from "./postgres.ts";

test("nothing passes undecided and nothing hidden is shown in 12,000 hostile, split and mutated conversations", {
  timeout: 300_000,
}, async () => {
  const run = await fuzzPostgres(2026, 12_000);
  expect(run.differences).toEqual([]);
  expect(run.conversations).toBe(12_000);
});
