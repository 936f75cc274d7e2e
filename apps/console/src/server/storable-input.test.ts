import { expect, test } from "vitest";
import { isStorable } from "./storable-input.ts";

test("takes any text that Postgres can hold", () => {
  expect(isStorable({ name: "Zoë 🙂", list: [1, null, true, { "": "\u{10ffff}\u0001\n" }] })).toBe(true);
  expect(isStorable(undefined)).toBe(true);
});

test.each([["\0"], [{ a: ["x", { b: "a\0" }] }], [{ "a\0": 1 }], ["\ud800"], [{ reason: "x\udc00y" }]])(
  "refuses NUL characters and halves of pairs wherever they stand: %j",
  (input) => {
    expect(isStorable(input)).toBe(false);
  },
);

test("an input of any depth is looked through", () => {
  let deep: unknown = "\0";
  for (let level = 0; level < 200_000; level += 1) deep = [deep];
  expect(isStorable(deep)).toBe(false);
});
