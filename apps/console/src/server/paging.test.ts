import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./paging.ts";

const position = { atMs: 1_760_000_000_000, id: "01a20158-1e6f-7674-bef4-27b510fcdf9b" };

test("a cursor names the position it was made from", () => {
  expect(decodeCursor(encodeCursor(position))).toEqual(position);
});

test.each([undefined, "", "%%%", "bm90IGpzb24", Buffer.from('[1,"x"]').toString("base64url")])(
  "a cursor that this server did not write starts the list again: %s",
  (cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined();
  },
);
