import { expect, test } from "vitest";
import { fuzzPolicies } from "./policy.ts";

test("agrees with the official engine on 50,000 generated requests over many policies: decision, reasons, errors", {
  timeout: 1_200_000,
}, () => {
  const run = fuzzPolicies(2026, 50_000);
  expect(run.differences).toEqual([]);
  expect(run.requests).toBeGreaterThanOrEqual(50_000);
  // the generator still reaches every kind of answer
  for (const kind of ["allow", "deny", "allow with errors", "deny with errors"]) {
    expect(run.answers[kind] ?? 0, kind).toBeGreaterThan(1_000);
  }
});
