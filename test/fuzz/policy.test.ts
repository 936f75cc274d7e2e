// `npm test` runs fifty thousand (policy.integration.test.ts), `npm run fuzz -- policy` as many as one likes.
import { expect, test } from "vitest";
import { fuzzPolicies } from "./policy.ts";

test("agrees with the official engine on generated requests over many policies: decision, reasons, errors", {
  timeout: 300_000,
}, () => {
  const run = fuzzPolicies(7, 3_000);
  expect(run.differences).toEqual([]);
  expect(run.requests).toBeGreaterThanOrEqual(3_000);
  // the generator still reaches every kind of answer
  for (const kind of ["allow", "deny", "allow with errors", "deny with errors"]) {
    expect(run.answers[kind] ?? 0, kind).toBeGreaterThan(50);
  }
});
