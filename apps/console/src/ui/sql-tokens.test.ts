import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlTokens } from "./sql-tokens.ts";

// the characters that begin, end or break something, and some that are longer than one code unit
const piece = fc.constantFrom(
  "'",
  '"',
  "$",
  "$a$",
  "--",
  "/*",
  "*/",
  "\\",
  "\n",
  " ",
  "e",
  "E'",
  "1",
  ".",
  "select",
  "é",
  "漢",
  "😀",
  "\ud800",
  "\0",
  ";",
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

test("loses no character of any text, however broken", () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(
        sqlTokens(text)
          .map((token) => token.text)
          .join(""),
      ).toBe(text);
    }),
  );
});

test("tells keywords, names, strings, numbers, parameters and comments apart", () => {
  const kinds = sqlTokens(`SELECT "a", $1 FROM t WHERE x = 'it''s' -- end`)
    .filter((token) => token.kind !== "space" && token.kind !== "punctuation")
    .map((token) => `${token.kind}:${token.text}`);
  expect(kinds).toEqual([
    "keyword:SELECT",
    'name:"a"',
    "parameter:$1",
    "keyword:FROM",
    "name:t",
    "keyword:WHERE",
    "name:x",
    "string:'it''s'",
    "comment:-- end",
  ]);
});

test("colours a dollar-quoted body as one string", () => {
  expect(sqlTokens("DO $body$ delete from t $body$").map((token) => token.kind)).toEqual([
    "keyword",
    "space",
    "string",
  ]);
});
