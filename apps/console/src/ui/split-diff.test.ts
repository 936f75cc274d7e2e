import { expect, test } from "vitest";
import { diffLines } from "./diff.ts";
import { type Side, splitRows } from "./split-diff.ts";

const text = (side: Side) =>
  side === null
    ? null
    : side.stretches.map((stretch) => (stretch.changed ? `[${stretch.text}]` : stretch.text)).join("");
const rows = (before: string, after: string) =>
  splitRows(diffLines(before, after)).map((row) => [text(row.before), text(row.after)]);

test("what is the same stands on both sides, with the number it has there", () => {
  const [first, second] = splitRows(diffLines("b", "a\nb"));
  expect(first).toMatchObject({ kind: "changed", before: null, after: { number: 1 } });
  expect(second).toMatchObject({ kind: "same", before: { number: 1 }, after: { number: 2 } });
});

test("a removed line stands beside the added one that takes its place, with the words that differ marked", () => {
  expect(rows('when { x == "ana" };', 'when { x == "anabel" };')).toEqual([
    ['when { x == "[ana]" };', 'when { x == "[anabel]" };'],
  ]);
  expect(rows("limit(10)", "limit(100)")).toEqual([["limit([10])", "limit([100])"]]);
});

test("more lines on one side leave the other empty, and nothing is lost", () => {
  expect(rows("a\nb", "x")).toEqual([
    ["a", "x"],
    ["b", null],
  ]);
  const [before, after] = ["one\ntwo\nthree\nfour", "one\n2\nthree\nfive\nsix"];
  const sides = splitRows(diffLines(before, after));
  const column = (pick: "before" | "after") =>
    sides
      .flatMap((row) => (row[pick] === null ? [] : [row[pick].stretches.map((each) => each.text).join("")]))
      .join("\n");
  expect([column("before"), column("after")]).toEqual([before, after]);
});
