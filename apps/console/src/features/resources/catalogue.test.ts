import { expect, test } from "vitest";
import { readCatalogue, relationNames } from "./catalogue.ts";

const reported = {
  version: 3,
  schemas: ["public", "pg_catalog"],
  relations: [
    { schema: "public", name: "orders", kind: "table", columns: [{ name: "id", number: 1, typeOid: 23 }] },
    { schema: "public", name: "mood", kind: "view", columns: [{ name: "m", number: 1, typeOid: 99_999 }] },
    { schema: "public", name: "orders_pkey", kind: "index", columns: [] },
    { schema: "pg_catalog", name: "pg_class", kind: "table", columns: [] },
  ],
  functions: [
    { schema: "public", name: "total", volatility: "stable", argumentCount: 1 },
    { schema: "pg_catalog", name: "now", volatility: "stable", argumentCount: 0 },
  ],
};

test("a catalogue shows the database's own relations with type names, not the server's and no indexes", () => {
  expect(readCatalogue(reported)).toEqual({
    relations: [
      { schema: "public", name: "orders", kind: "table", columns: [{ name: "id", type: "integer" }] },
      { schema: "public", name: "mood", kind: "view", columns: [{ name: "m", type: "type 99999" }] },
    ],
    functions: [{ schema: "public", name: "total", volatility: "stable" }],
  });
  expect(relationNames(reported)).toEqual(["public.mood", "public.orders"]);
});

test.each([null, undefined, "x", [], { relations: [{ name: 1 }] }])(
  "what is no catalogue is an empty tree: %j",
  (stored) => {
    expect(readCatalogue(stored)).toEqual({ relations: [], functions: [] });
  },
);
