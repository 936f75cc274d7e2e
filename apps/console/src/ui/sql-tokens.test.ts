import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlTokens } from "./sql-tokens.ts";

test("loses no character of any text, however broken", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
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
