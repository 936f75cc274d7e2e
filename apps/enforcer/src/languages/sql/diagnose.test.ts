import { beforeAll, describe, expect, it } from "vitest";
import type { Catalogue, FactObject, SqlSessionSettings } from "../facts.ts";
import type { Diagnosis } from "../language.ts";
import { fixtureCatalogue } from "./corpus/load-corpus.fixture.ts";
import { loadSqlAnalysis, type SqlAnalysis } from "./index.ts";

const SETTINGS: SqlSessionSettings = {
  searchPath: '"$user", public',
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};
const DATABASE: FactObject = { kind: "database", schema: "", name: "" };
const table = (name: string): FactObject => ({ kind: "table", schema: "public", name });

let analysis: SqlAnalysis;
let catalogue: Catalogue;

beforeAll(async () => {
  analysis = await loadSqlAnalysis();
  catalogue = fixtureCatalogue();
});

async function diagnosed(
  text: string,
  object: FactObject = DATABASE,
  over: { readonly statement?: number; readonly settings?: Partial<SqlSessionSettings> } = {},
): Promise<Diagnosis> {
  const settings = { ...SETTINGS, ...over.settings };
  const facts = await analysis.analyse(text, settings, catalogue);
  return analysis.diagnose(text, facts, { statement: over.statement ?? 0, object }, { settings, catalogue });
}

describe("what a text gets wrong by itself", () => {
  it.each([
    ["selec 1", "syntax", 'syntax error at or near "selec"', 1],
    ["SELECT 'é', (", "syntax", "syntax error at end of input", 14],
    ["SELECT * FROM nosuch", "relation", 'relation "nosuch" does not exist', 15],
    ["SELECT 'é€😀' FROM other.nosuch n", "relation", 'relation "other.nosuch" does not exist', 19],
    ["INSERT INTO nosuch VALUES (1)", "relation", 'relation "nosuch" does not exist', 13],
    ["EXPLAIN SELECT 1 FROM nosuch", "relation", 'relation "nosuch" does not exist', 23],
    ["SELECT nofunc(1, 2)", "function", "function nofunc does not exist", 8],
    ["SELECT c.nocol FROM customers c", "column", "column c.nocol does not exist", 8],
    ["SELECT nocol FROM customers", "column", 'column "nocol" does not exist', 8],
    ["SELECT o.id FROM customers c", "relation", 'missing FROM-clause entry for table "o"', 8],
  ])("%s", async (text, kind, message, position) => {
    expect(await diagnosed(text)).toMatchObject({ mistake: { kind, message }, position });
  });

  it("is placed in the client's whole text, whichever of its statements it is in", async () => {
    const text = "SELECT 'ä'; SELECT 1 FROM nosuch";
    expect(await diagnosed(text, DATABASE, { statement: 1 })).toMatchObject({ position: 27 });
  });

  it("is not claimed of a name that a temporary object may stand for", async () => {
    const text = "SELECT * FROM nosuch";
    for (const temporaryNames of ["any", ["nosuch"]] as const)
      expect(await diagnosed(text, DATABASE, { settings: { temporaryNames } })).toEqual({});
    expect(await diagnosed("SELECT * FROM pg_temp.nosuch")).toEqual({});
  });

  it("points a call that may be meant as a conversion to CAST", async () => {
    expect((await diagnosed("SELECT mood('ok')")).mistake?.hint).toContain("CAST(... AS mood)");
  });

  it("is found in large texts without reading them again", async () => {
    const { mistake, position } = await diagnosed(`SELECT ${"1 + ".repeat(10_000)} FROM`);
    expect(mistake).toMatchObject({ kind: "syntax" });
    expect(position).toBeUndefined();
  });
});

describe("where a text names what was refused", () => {
  it.each([
    ["DELETE FROM orders", table("orders"), 13],
    ["SELECT 'ä', 1 FROM customers JOIN orders USING (id)", table("orders"), 35],
    ["DROP TABLE orders", table("orders"), 12],
    ["SELECT pg_sleep(1)", { kind: "function", schema: "pg_catalog", name: "pg_sleep" } as const, 8],
    ["CREATE TABLE fresh (a int)", { kind: "schema", schema: "", name: "public" } as const, 14],
  ])("%s", async (text, object, position) => {
    expect(await diagnosed(text, object)).toEqual({ position });
  });

  it("is left out where the text does not name it, or names it more than once out of the grammar's sight", async () => {
    expect(await diagnosed("SELECT 1", table("orders"))).toEqual({});
    expect(await diagnosed("COMMENT ON TABLE orders IS 'orders'", table("nothing"))).toEqual({});
    expect(await diagnosed("DROP TABLE IF EXISTS orders, orders", table("orders"))).toEqual({});
  });
});
