import { beforeAll, describe, expect, it } from "vitest";
import type { Access } from "../facts.ts";
import { fixtureCatalogue } from "./corpus/load-corpus.fixture.ts";
import { loadSqlParser, type SqlAnalyser } from "./index.ts";

const catalogue = fixtureCatalogue();
const settings = { searchPath: "public", standardConformingStrings: true, clientEncoding: "UTF8", role: "app" };

let analyser: SqlAnalyser;

beforeAll(async () => {
  analyser = await loadSqlParser();
});

/** What the reading of customers is. */
function customers(text: string): Access {
  const [facts] = analyser.analyse(text, settings, catalogue);
  const access = facts?.accesses.find(
    ({ action, object }) =>
      ["sql.read.select", "sql.read.explain"].includes(action) &&
      ["customers", "customer_contacts"].includes(object.name),
  );
  if (!access) throw new Error(`customers is not read: ${text}`);
  return access;
}

describe("a column that is compared with whole values that were given", () => {
  it.each([
    ["SELECT id FROM customers WHERE ssn = '123-45-6789'", 1],
    ["SELECT id FROM customers WHERE $1 = ssn AND id > 5", 1],
    ["SELECT id FROM customers WHERE ssn = $1::text OR ssn = lower('X')", 2],
    ["SELECT id FROM customers WHERE ssn IN ('1', '2', '3')", 3],
    ["SELECT id FROM customers WHERE ssn = ANY (ARRAY['1', '2'])", 2],
    ["SELECT id FROM customers WHERE ssn = ANY ($1)", 1_000],
    ["SELECT count(*) FILTER (WHERE ssn = '1') FROM customers", 1],
    ["SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer_id AND c.ssn = '1'", 1],
    ["SELECT 1 FROM customers WHERE ssn = '1' UNION ALL SELECT 2 FROM customers WHERE ssn = '2'", 2],
    ["UPDATE customers SET city = 'x' WHERE ssn = '1'", 1],
    ["WITH c AS (SELECT * FROM customers) SELECT id FROM c WHERE ssn = '1'", 1],
    ["EXPLAIN SELECT id FROM customers WHERE ssn = '1'", 1],
  ])("is tested, not probed: %s", (text, values) => {
    const access = customers(text);
    expect(access.columnsProbed ?? []).not.toContain("ssn");
    expect(access.columnsFiltered).toContain("ssn");
    expect(access.columnsTested).toMatchObject({ ssn: values });
  });
});

describe("a column that is only shown", () => {
  it.each([
    "SELECT ssn, upper(ssn), ssn || '', ssn::text, left(name, 1) FROM customers",
    "SELECT c FROM customers c",
    "SELECT to_json(c), json_build_object('a', c.ssn), coalesce(ssn, '') FROM customers c",
    "SELECT count(ssn), max(ssn) FROM customers",
    "SELECT CASE WHEN id = 5 THEN ssn END FROM customers",
    "SELECT id FROM customers WHERE ssn IS NOT NULL",
    "SELECT JSON_OBJECT('a': ssn), JSON_ARRAY(ssn), JSON_SCALAR(ssn), JSON_ARRAYAGG(ssn) FROM customers GROUP BY id",
    "SELECT json_object_agg(ssn, upper(ssn)), jsonb_build_object('a', upper(ssn)), JSON_OBJECT(ssn: upper(ssn)) FROM customers",
    "SELECT xmlelement(name s, ssn), xmlforest(ssn) FROM customers",
    "SELECT r.ssn FROM (SELECT (c).* FROM customers c) r",
    "SELECT * FROM customers ORDER BY 1, 2",
    "SELECT c.id, c.* FROM customers c ORDER BY 2",
    "SELECT ssn, id AS ssn2, name FROM customers ORDER BY name, ssn2, 3",
    "SELECT id, ssn FROM customers UNION ALL SELECT 0, '5' ORDER BY 1",
    "SELECT id AS ssn, lower(name), ssn AS s FROM customers ORDER BY ssn, lower",
    "WITH RECURSIVE t(i, s) AS (SELECT id, ssn FROM customers UNION ALL SELECT i, s FROM t WHERE false) SEARCH DEPTH FIRST BY i SET o SELECT s FROM t ORDER BY o",
    "INSERT INTO orders(id, note) SELECT id, ssn FROM customers",
  ])("is not probed: %s", (text) => {
    expect(customers(text).columnsProbed ?? []).not.toContain("ssn");
  });
});

describe("a column whose value an answer tells little by little", () => {
  it.each([
    "SELECT 1 / (ascii(ssn) - 49) FROM customers",
    "SELECT chr(ascii(ssn) - 49) FROM customers",
    "SELECT date_trunc(replace('year' || ssn, '1', 'x'), now()) FROM customers",
    "SELECT 'a' LIKE translate(ssn, '1', E'\\\\') FROM customers",
    "SELECT to_char(1, replace(ssn, '1', '9V.9')) FROM customers",
    "SELECT id FROM customers WHERE ssn LIKE '1%'",
    "SELECT id FROM customers WHERE ssn > '5'",
    "SELECT id FROM customers WHERE ssn BETWEEN '1' AND '2'",
    "SELECT id FROM customers WHERE left(ssn, 1) = '1'",
    "SELECT id FROM customers WHERE ssn ~ '^1'",
    "SELECT id FROM customers WHERE ssn <> '1'",
    "SELECT id FROM customers WHERE NOT ssn = '1'",
    "SELECT id FROM customers WHERE ssn NOT IN ('1')",
    "SELECT id FROM customers WHERE ssn = name",
    "SELECT id FROM customers, generate_series(1, 9) n WHERE ssn = n::text",
    "SELECT id FROM customers WHERE ssn IN (SELECT note FROM orders)",
    "SELECT id FROM customers ORDER BY ssn",
    "SELECT id FROM customers ORDER BY CASE WHEN ssn = '1' THEN 1 END",
    "SELECT count(*) FROM customers GROUP BY ssn",
    "SELECT DISTINCT ssn FROM customers",
    "SELECT row_number() OVER (ORDER BY ssn) FROM customers",
    "SELECT string_agg(name, '' ORDER BY ssn) FROM customers",
    "SELECT ssn::int FROM customers",
    "SELECT 1 / (ascii(ssn) - 49) FROM customers",
    "SELECT CASE WHEN ssn = '1' THEN 1 / 0 END FROM customers",
    "SELECT coalesce(nullif(ssn, '1'), (1 / 0)::text) FROM customers",
    "SELECT ssn = '1' AND 1 / 0 = 1 FROM customers",
    "SELECT '5' > ALL (SELECT ssn FROM customers UNION ALL SELECT (1 / id)::text FROM orders)",
    "SELECT '5' IN (SELECT ssn FROM customers)",
    "EXPLAIN ANALYZE SELECT '5' < ANY (SELECT ssn FROM customers)",
    "SELECT nullif(ssn, '1') FROM customers",
    "SELECT json_build_object('a', 1, nullif(ssn, '1'), 2) FROM customers",
    "SELECT jsonb_object_agg(to_jsonb(ssn) ->> 'x', 1) FROM customers",
    "SELECT JSON_OBJECT(to_jsonb(c) ->> 'ssn': 1) FROM customers c",
    "SELECT JSON_OBJECTAGG(lower(ssn): 1) FROM customers",
    "SELECT repeat('x', ascii(ssn) * 1000000) FROM customers",
    "SELECT d::int FROM (SELECT left(ssn, 1) AS d FROM customers) x",
    "SELECT id FROM (SELECT id, left(ssn, 1) AS d FROM customers) x WHERE d = '1'",
    "SELECT 1 FROM customers LIMIT (SELECT ascii(ssn) FROM customers LIMIT 1)",
    "SELECT EXISTS (SELECT 1 FROM customers WHERE ssn LIKE '1%')",
    "UPDATE customers SET city = 'x' WHERE ssn LIKE '1%'",
    "SELECT id FROM customers WHERE mail_exists(ssn)",
    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM customers WHERE ssn = '1') THEN RAISE 'yes'; END IF; END $$",
    "COPY (SELECT id FROM customers ORDER BY ssn) TO STDOUT",
    "SELECT r.id FROM (SELECT (c).* FROM customers c) r WHERE r.ssn LIKE '1%'",
    "SELECT r.id FROM (SELECT (c).* FROM customers c) r ORDER BY r.ssn",
    "EXPLAIN ANALYZE SELECT r.id FROM (SELECT (c).* FROM customers c) r WHERE r.ssn LIKE '1%'",
    "SELECT 1 FROM orders LIMIT (SELECT ascii(r.ssn) FROM (SELECT (c).* FROM customers c) r LIMIT 1)",
    "SELECT 1 / ascii(r.ssn) FROM (SELECT (c).* FROM customers c) r",
    "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT * FROM customers) SELECT id FROM a WHERE ssn LIKE '1%'",
    "WITH RECURSIVE t(i, s) AS (SELECT id, ssn FROM customers UNION ALL SELECT i, s FROM t WHERE false) SEARCH DEPTH FIRST BY s SET o SELECT i FROM t ORDER BY o",
    "WITH RECURSIVE t(n, s) AS (SELECT 1, ssn FROM customers UNION ALL SELECT n + 1, '1' FROM t WHERE n < 3) CYCLE s SET c USING p SELECT n FROM t",
    "SELECT count(*) FROM orders TABLESAMPLE bernoulli ((SELECT ascii(ssn) FROM customers LIMIT 1))",
    "SELECT id FROM orders TABLESAMPLE system (50) REPEATABLE ((SELECT ascii(ssn) FROM customers LIMIT 1))",
    "SELECT count(DISTINCT ssn) FROM customers",
    "SELECT JSON_VALUE(to_jsonb(ssn), '$ ? (@ starts with \"1\")' ERROR ON EMPTY) FROM customers",
    "SELECT JSON(ssn) FROM customers",
    "SELECT JSON_SERIALIZE(ssn) FROM customers",
    "SELECT JSON_ARRAY(ssn FORMAT JSON) FROM customers",
    "SELECT JSON_OBJECT(ssn: 1, '123-45-0001': 2 WITH UNIQUE KEYS) FROM customers",
    "SELECT JSON_OBJECTAGG(ssn: 1 WITH UNIQUE KEYS) FROM customers",
    "SELECT JSON_OBJECT('a': ssn RETURNING varchar(20)) FROM customers",
    "SELECT JSON_ARRAYAGG(ssn RETURNING varchar(20)) FROM customers",
    "SELECT xmlparse(content ssn) FROM customers",
    "SELECT xmlpi(name x, ssn) FROM customers",
    "SELECT xmlserialize(document xmlparse(content ssn) AS text) FROM customers",
    "SELECT length(ssn, 'UTF8') FROM customers",
    "SELECT replace(ssn, '1', repeat('x', 300000000)) FROM customers",
    "SELECT count(*) FROM (SELECT left(ssn, 1) AS d FROM customers) c NATURAL JOIN (VALUES ('4')) v(d)",
    "SELECT 1 FROM (SELECT ssn AS note FROM customers) c JOIN orders o USING (note)",
    "WITH c AS (SELECT ssn AS note FROM customers) SELECT 1 FROM orders NATURAL LEFT JOIN c",
    "SELECT * FROM customers ORDER BY 6",
    "SELECT c.id, c.*, 1 FROM customers c ORDER BY 7 DESC",
    "TABLE customers ORDER BY 6",
    "SELECT id FROM (SELECT * FROM customers ORDER BY 6) x",
    "SELECT x.id, (x).* FROM (SELECT (c).* FROM customers c) x ORDER BY 6",
    "SELECT * FROM customers GROUP BY 1, 2, 3, 4, 5, 6, 7",
    "SELECT DISTINCT ON (d) id FROM (SELECT id, left(ssn, 1) AS d FROM customers) x",
    "SELECT id, ssn FROM customers UNION ALL SELECT 0, '5' ORDER BY 2",
    "SELECT id, ssn FROM customers UNION ALL SELECT 0, '5' ORDER BY ssn DESC",
    "SELECT id FROM (SELECT id, ssn FROM customers UNION ALL SELECT 0, '5' ORDER BY 2) x",
    "WITH t AS (SELECT id, ssn FROM customers UNION ALL SELECT 0, '5' ORDER BY 2) SELECT id FROM t",
    "VALUES (1, (SELECT ssn FROM customers LIMIT 1)), (2, '5') ORDER BY 2",
    "VALUES (1, (SELECT ssn FROM customers LIMIT 1)), (2, '5') ORDER BY column2 || ''",
    "SELECT x.column1 FROM (VALUES (1, (SELECT ssn FROM customers LIMIT 1)), (2, '5') ORDER BY column2) x",
    "SELECT id, lower(ssn) FROM customers ORDER BY lower",
    "SELECT o.id, (SELECT c.ssn FROM customers c WHERE c.id = o.id) FROM orders o ORDER BY ssn",
    "SELECT o.id, (SELECT max(c.ssn) FROM customers c WHERE c.id = o.id) FROM orders o ORDER BY max",
    "SELECT o.id, (SELECT c.ssn FROM customers c WHERE c.id = o.id)::text FROM orders o ORDER BY ssn",
    'SELECT o.id, ARRAY(SELECT c.ssn FROM customers c WHERE c.id = o.id) FROM orders o ORDER BY "array"',
    'SELECT o.id, CASE WHEN true THEN (SELECT c.ssn FROM customers c WHERE c.id = o.id) END FROM orders o ORDER BY "case"',
    "SELECT o.id, (SELECT c FROM customers c WHERE c.id = o.id).ssn FROM orders o ORDER BY ssn",
  ])("is probed: %s", (text) => {
    expect(customers(text).columnsProbed).toContain("ssn");
  });
});
