import { beforeAll, describe, expect, it } from "vitest";
import type { SqlSessionSettings } from "../facts.ts";
import { fixtureCatalogue } from "./corpus/load-corpus.fixture.ts";
import { loadSqlParser, type SqlAnalyser } from "./index.ts";

const settings: SqlSessionSettings = {
  searchPath: "public",
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};
let analyser: SqlAnalyser;
beforeAll(async () => {
  analyser = await loadSqlParser();
});

function columnsThatCarryEmail(text: string): boolean[] {
  const [facts] = analyser.analyse(text, settings, fixtureCatalogue());
  const lineage = facts?.lineage;
  if (lineage === undefined || lineage === "unknown") throw new Error(`no lineage: ${text}`);
  return lineage.map(({ sources }) => sources.some(({ column }) => column === "email"));
}

describe("a value that is told by which rows are left", () => {
  it("marks every output when a condition compares it with something else that varies", () => {
    for (const text of [
      "SELECT g FROM customers c, generate_series(1, 127) g WHERE ascii(c.email) = g",
      "SELECT string_agg(chr(g), '') FROM customers c, generate_series(1, 127) g WHERE substr(c.email, 1, 1) = chr(g)",
      "SELECT o.id FROM customers c JOIN orders o ON o.id = ascii(c.email)",
      "SELECT v.x FROM customers c JOIN (VALUES ('a'), ('b')) v(x) ON starts_with(c.email, v.x)",
      "SELECT count(*) FILTER (WHERE g < ascii(c.email)) FROM customers c, generate_series(1, 127) g",
      "SELECT count(*) FROM (SELECT 1 FROM customers, generate_series(1, 127) g WHERE g < ascii(email)) s",
      "SELECT g FROM generate_series(1, 127) g WHERE EXISTS (SELECT 1 FROM customers WHERE ascii(email) = g)",
      "SELECT g FROM generate_series(1, 127) g WHERE g IN (SELECT ascii(email) FROM customers)",
      "SELECT g FROM (SELECT ascii(email) AS g FROM customers) s JOIN generate_series(1, 127) g(g) USING (g)",
      "SELECT g FROM customers, generate_series(1, 127) g WHERE (email, g) IN (('a', 1), ('b', 2))",
      "SELECT g FROM customers, generate_series(1, 127) g WHERE CASE WHEN email < 'm' THEN g = 1 ELSE g = 2 END",
    ])
      expect(columnsThatCarryEmail(text), text).not.toContain(false);
  });

  it("marks a count of rows whose number was computed from it", () => {
    for (const text of [
      "SELECT count(*) FROM customers c, generate_series(1, ascii(c.email)) g",
      "SELECT count(*) FROM customers c, json_table('[1,2]', '$[*]?(@ < $x)' PASSING ascii(c.email) AS x COLUMNS (a int PATH '$'))",
      "SELECT count(*) FROM customers c, xmltable('/a' PASSING xmlparse(CONTENT c.email) COLUMNS e text PATH '.')",
      "SELECT count(*) FROM (SELECT generate_series(1, ascii(email)) FROM customers) s",
      "SELECT count(*) FROM (SELECT 1 FROM orders LIMIT (SELECT ascii(email) FROM customers LIMIT 1)) s",
    ])
      expect(columnsThatCarryEmail(text), text).toEqual([true]);
  });

  it("marks the plan of a statement that was run and counted", () => {
    const text = "EXPLAIN ANALYZE SELECT generate_series(1, ascii(email)) FROM customers";
    expect(columnsThatCarryEmail(text)).toEqual([true]);
  });

  it("counts an order by it as choosing rows by it", () => {
    for (const text of [
      "SELECT id, row_number() OVER (ORDER BY email) FROM customers",
      "SELECT id, rank() OVER w FROM customers WINDOW w AS (PARTITION BY email)",
      "SELECT string_agg(city, ',' ORDER BY email) FROM customers",
    ]) {
      const [facts] = analyser.analyse(text, settings, fixtureCatalogue());
      expect(
        facts?.accesses.flatMap(({ columnsFiltered }) => columnsFiltered),
        text,
      ).toContain("email");
    }
  });

  it("leaves a look-up by a constant and a join of stored columns as they are", () => {
    for (const text of [
      "SELECT id FROM customers WHERE email = 'jo@example.org'",
      "SELECT id FROM customers WHERE lower(email) LIKE 'jo%' OR city = 'Bonn'",
      "SELECT o.id FROM orders o WHERE o.customer_id IN (SELECT id FROM customers WHERE email = $1)",
      "SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = 'x'",
      "SELECT a.id FROM customers a JOIN customers b ON a.email = b.email",
      "SELECT count(*) FROM customers WHERE email LIKE '%.org'",
    ])
      expect(columnsThatCarryEmail(text), text).toEqual([false]);
  });
});
