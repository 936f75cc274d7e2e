import { expect, test } from "vitest";
import { refusedSize, testsFromFiles, testsText } from "./stored-tests.ts";

const one = { name: "x", principal: 'User::"ana"', action: "sql.read.select", resource: 'Table::"t"' };
const suite = (cases: number) => ({
  entities: [],
  cases: Array.from({ length: cases }, () => ({ ...one, context: {}, expect: { verdict: "deny" as const } })),
});

test("more tests than every publish can run are refused, with both numbers", () => {
  expect(refusedSize({ entities: [], suites: { a: suite(6_000), b: suite(4_000) } })).toBeUndefined();
  const refused = refusedSize({ entities: [], suites: { a: suite(6_000), b: suite(4_001) } });
  expect(refused?.public).toBe("These are 10001 tests; at most 10000 are run.");
  const crowd = Array.from({ length: 20_001 }, (_, at) => {
    return { uid: { type: "User", id: String(at) }, attrs: {}, tags: {}, parents: [] };
  });
  expect(refusedSize({ entities: crowd, suites: {} })?.public).toMatch(/20001 entities/);
});

test("files that are no tests are refused by name, and equal tests are stored as equal text", () => {
  expect(testsFromFiles({ "../etc/passwd": "" })).toMatchObject({ ok: false, error: { code: "request.invalid" } });
  const text = JSON.stringify({ cases: [{ ...one, expect: { verdict: "deny" } }] });
  const spaced = JSON.stringify(JSON.parse(text), null, 4);
  const stored = [text, spaced].map((content) => {
    const read = testsFromFiles({ "access/a.policy-tests.json": content });
    return read.ok ? testsText(read.value) : read.error.public;
  });
  expect(stored[0]).toContain("sql.read.select");
  expect(stored[0]).toBe(stored[1]);
});
