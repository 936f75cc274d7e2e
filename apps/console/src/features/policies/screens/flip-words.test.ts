import { expect, test } from "vitest";
import { countedKinds, entityName, flipText, flipWords, percent, unreplayedText } from "./flip-words.ts";

test("the gravest flips come first, and every kind has its place in the order", () => {
  const all = Object.fromEntries(Object.keys(flipWords).map((kind) => [kind, 1]));
  expect(countedKinds(all)).toHaveLength(Object.keys(flipWords).length);
  expect(countedKinds({ terms: 3, masked_to_clear: 1, allowed_to_refused: 2 }).map(({ kind }) => kind)).toEqual([
    "masked_to_clear",
    "allowed_to_refused",
    "terms",
  ]);
});

test("a flip, a reason and a name read as plain words", () => {
  expect(flipText("masked_to_clear")).toBe("Masked to in clear");
  expect(unreplayedText({ principal_gone: 1, incomplete: 1_200 })).toEqual([
    "1,200 do not hold what policy was asked with",
    "1 were made by somebody who has left",
  ]);
  expect(entityName('Table::"shop/public.a\\"b"')).toEqual({ type: "Table", id: 'shop/public.a"b' });
  expect(entityName("default-deny")).toEqual({ type: "", id: "default-deny" });
});

test("a share is only 100 % when it is all, and only 0 % when it is nothing", () => {
  expect([percent(999, 1_000), percent(1, 1_000), percent(0, 10), percent(10, 10), percent(0, 0)]).toEqual([
    "99 %",
    "1 %",
    "0 %",
    "100 %",
    "0 %",
  ]);
});
