import { expect, test } from "vitest";
import { changedQuery, parseFilter } from "./filter-url.ts";

const now = Date.UTC(2026, 10, 22, 12, 0, 30);

test("reads lists, texts and the range from the address", () => {
  expect(parseFilter({ verdicts: "deny,ask", principal: "ana", range: "1h" }, now)).toEqual({
    range: "1h",
    filter: { verdicts: ["deny", "ask"], principal: "ana", from: "2026-11-22T11:00:00.000Z" },
  });
});

test("leaves out what makes no sense instead of failing", () => {
  expect(parseFilter({ verdicts: "maybe", sessionId: "nope", foo: "bar", range: "all" }, now)).toEqual({
    range: "all",
    filter: {},
  });
});

test("changes one field of the address and keeps the others", () => {
  expect(changedQuery(new URLSearchParams("a=1&b=2"), { a: null, b: "3", c: "x y" })).toBe("?b=3&c=x+y");
});
