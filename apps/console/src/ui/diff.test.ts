import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines } from "./diff.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", "permit"), { minLength: 1, maxLength: 12 })
  .map((l) => l.join("\n"));

test("gives back both texts: what is same or removed is the old one, same or added the new one", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const side = (without: "added" | "removed") =>
        lines
          .filter((line) => line.kind !== without)
          .map((line) => line.text)
          .join("\n");
      expect(side("added")).toBe(before);
      expect(side("removed")).toBe(after);
    }),
  );
});

test("marks only the changed line and numbers both sides", () => {
  expect(diffLines("a\nb\nc", "a\nx\nc")).toEqual([
    { kind: "same", text: "a", before: 1, after: 1 },
    { kind: "removed", text: "b", before: 2 },
    { kind: "added", text: "x", after: 2 },
    { kind: "same", text: "c", before: 3, after: 3 },
  ]);
});
