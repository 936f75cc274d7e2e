import fc from "fast-check";
import { expect, test } from "vitest";
import { exactPieces, exactText } from "./exact-pieces.ts";

test.each([
  ["a text that turns round behind an override", "role = 'user\u202E' OR 'x", "role = 'user⟨U+202E⟩' OR 'x"],
  ["isolates and embeddings", "\u2066a\u2069\u202Ab\u202C", "⟨U+2066⟩a⟨U+2069⟩⟨U+202A⟩b⟨U+202C⟩"],
  ["marks of direction", "\u200Ea\u200Fb\u061C", "⟨U+200E⟩a⟨U+200F⟩b⟨U+061C⟩"],
  ["what has no width", "cust\u200Bomers\u2060\uFEFF\u00AD", "cust⟨U+200B⟩omers⟨U+2060⟩⟨U+FEFF⟩⟨U+00AD⟩"],
  ["spaces that are letters to a parser", "a\u00A0b\u3000c\u2028d", "a⟨U+00A0⟩b⟨U+3000⟩c⟨U+2028⟩d"],
  ["fillers, tags and selectors", "\u3164\u{E0041}\uFE0F\u115F", "⟨U+3164⟩⟨U+E0041⟩⟨U+FE0F⟩⟨U+115F⟩"],
  ["control characters", "a\u0000b\u001B[2Kc\u0085", "a⟨U+0000⟩b⟨U+001B⟩[2Kc⟨U+0085⟩"],
  ["a carriage return that hides the line before it", "DROP\rSELECT\r\n", "DROP⟨U+000D⟩SELECT\r\n"],
  ["half a character", "a\uD800b", "a⟨U+D800⟩b"],
])("shows %s", (_, text, shown) => {
  expect(exactText(text)).toBe(shown);
});

test.each(["SELECT 1\n\tFROM t -- é ß 漢字 עברית", "", "naïve 👍"])("leaves %j as it is", (text) => {
  expect(exactPieces(text)).toEqual([{ text, code: undefined }]);
});

test("the pieces joined are the text, and none of them holds what is not seen beside what is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const pieces = exactPieces(text);
      expect(pieces.map((piece) => piece.text).join("")).toBe(text);
      const shown = pieces.filter(({ code }) => code === undefined).map((piece) => piece.text);
      expect(shown.join("")).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B-\u200F\0]/);
    }),
  );
});
