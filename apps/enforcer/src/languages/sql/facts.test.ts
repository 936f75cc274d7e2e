import { beforeAll, describe, expect, it } from "vitest";
import type { Access, Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { fixtureCatalogue } from "./corpus/load-corpus.fixture.ts";
import { decodeStatement, loadSqlParser, PreparedNames, type SqlAnalyser } from "./index.ts";

const SETTINGS: SqlSessionSettings = {
  searchPath: '"$user", public',
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};

let analyser: SqlAnalyser;
let catalogue: Catalogue;

beforeAll(async () => {
  analyser = await loadSqlParser();
  catalogue = fixtureCatalogue();
});

function all(text: string, settings: Partial<SqlSessionSettings> = {}): readonly StatementFacts[] {
  return analyser.analyse(text, { ...SETTINGS, ...settings }, catalogue);
}

function one(text: string, settings: Partial<SqlSessionSettings> = {}): StatementFacts {
  const [facts, ...others] = all(text, settings);
  if (!facts || others.length > 0) throw new Error(`not one statement: ${text}`);
  return facts;
}

function access(facts: StatementFacts, action: string, name: string): Access | undefined {
  return facts.accesses.find((each) => each.action === action && each.object.name === name);
}

/** Lineage as text: `=` exact, `~` computed, `?` unknown. */
function lineage(text: string): string[] | "unknown" | undefined {
  const found = one(text).lineage;
  if (found === undefined || found === "unknown") return found;
  return found.map(({ exact, sources, unknown }) => {
    const names = sources.map((source) => `${source.table}.${source.column}`).join("+");
    return `${exact ? "=" : "~"}${unknown ? "?" : ""}${names}`;
  });
}

describe("columns", () => {
  it("tells read, filtered and written columns apart", () => {
    const facts = one("UPDATE customers SET city = upper(name) WHERE id = 1 AND email LIKE 'a%' RETURNING phone");
    const update = access(facts, "sql.write.update", "customers");
    expect(update?.columnsWritten).toEqual(["city"]);
    expect(update?.columnsFiltered).toEqual(["id", "email"]);
    expect(update?.columnsRead).toEqual(["name", "phone"]);
    expect(access(facts, "sql.read.select", "customers")?.columnsFiltered).toEqual(["id", "email"]);
  });

  it("names a condition's columns wherever they stand", () => {
    for (const text of [
      "SELECT 1 WHERE 'x' < (SELECT email FROM customers LIMIT 1)",
      "SELECT * FROM generate_series(1, (SELECT length(email) FROM customers LIMIT 1))",
      "SELECT id FROM orders LIMIT (SELECT ascii(email) FROM customers LIMIT 1)",
      "SELECT 'a' INTERSECT SELECT email FROM customers",
      "SELECT DISTINCT email FROM customers",
      "SELECT id FROM customers ORDER BY email",
      "SELECT id FROM customers ORDER BY (SELECT email)",
      "SELECT count(*) FROM customers GROUP BY email",
      "SELECT count(*) FILTER (WHERE email = 'x') FROM customers",
      "SELECT a.id FROM customers a JOIN orders o ON o.note = a.email",
      "SELECT a.id FROM customers a JOIN customers b USING (email)",
      "SELECT id FROM customers NATURAL JOIN (SELECT 'x' AS email) x",
    ]) {
      expect(access(one(text), "sql.read.select", "customers")?.columnsFiltered, text).toContain("email");
    }
  });

  it("resolves names through the search path, quotes and all", () => {
    expect(one("SELECT * FROM people", { searchPath: "hr" }).accesses[0]?.object).toEqual({
      kind: "table",
      schema: "hr",
      name: "people",
    });
    expect(one("SELECT * FROM people", { searchPath: '"h""r", "hr"' }).accesses[0]?.object.schema).toBe("hr");
    expect(one("SELECT * FROM people", { searchPath: "$user", role: "hr" }).accesses[0]?.object.schema).toBe("hr");
    expect(one("SELECT * FROM people").unresolved).toEqual(["people"]);
  });

  it("reads a partition as its parent too", () => {
    const facts = one("SELECT reader FROM measurements_2025");
    expect(access(facts, "sql.read.select", "measurements")).toBeDefined();
    expect(facts.lineage).toMatchObject([{ sources: [{ table: "measurements_2025" }, { table: "measurements" }] }]);
  });

  it("reads what a generated column is computed from", () => {
    const facts = one("SELECT copied FROM generated");
    expect(access(facts, "sql.read.select", "generated")?.columnsRead).toEqual(["copied", "email"]);
    expect(facts.lineage).toMatchObject([{ exact: false, sources: [{ column: "copied" }, { column: "email" }] }]);
  });

  it("asks for a fresh catalogue when it lacks a name, and counts every column in sight as read", () => {
    const facts = one("SELECT brand_new FROM customers");
    expect(facts.unresolved).toEqual(["brand_new"]);
    expect(access(facts, "sql.read.select", "customers")?.columnsRead).toContain("*");
  });
});

describe("lineage", () => {
  it.each([
    ["SELECT email FROM customers", ["=customers.email"]],
    ["SELECT x.e FROM (SELECT email AS e FROM customers) x", ["=customers.email"]],
    ["SELECT lower(email), 1 FROM customers", ["~customers.email", "~"]],
    ["SELECT name FROM customers UNION SELECT note FROM orders", ["~customers.name+orders.note"]],
    ["SELECT contact FROM customer_contacts", ["=customers.email+customer_contacts.contact"]],
    ["SELECT c2 FROM contact_names", ["~customers.email+customer_contacts.contact+contact_names.c2"]],
    ["SELECT mail FROM contact_table(3)", ["~customers.email"]],
    ["SELECT count(*), count(email), max(email) FROM customers", ["~", "~", "~customers.email"]],
    ["SELECT count(nullif(email, 'guess')) FROM customers", ["~customers.email"]],
    ["SELECT email IS NULL, nullif(email, 'guess') IS NULL FROM customers", ["~", "~customers.email"]],
    ["SELECT EXISTS (SELECT 1 FROM customers WHERE email = 'x')", ["~customers.email"]],
    ["SELECT id FROM customers JOIN orders USING (id)", ["~customers.id+orders.id"]],
    ["SELECT old.city, new.city FROM customers", undefined],
  ])("of %s", (text, expected) => {
    if (expected) expect(lineage(text)).toEqual(expected);
    else expect(lineage(text)).toEqual(["~?", "~?"]);
  });

  it("is unknown where a star cannot be told", () => {
    expect(lineage("SELECT (c).* FROM customers c")).toBe("unknown");
    expect(lineage("SELECT * FROM not_there")).toBe("unknown");
  });

  it("follows values that are stored elsewhere", () => {
    for (const text of [
      "INSERT INTO orders(note) SELECT email FROM customers",
      "INSERT INTO orders(note) VALUES ((SELECT email FROM customers LIMIT 1))",
      "UPDATE orders SET note = c.email FROM customers c",
      "UPDATE orders SET (id, note) = (SELECT id, email FROM customers LIMIT 1)",
      "MERGE INTO orders o USING customers c ON o.id = c.id WHEN MATCHED THEN UPDATE SET note = c.email",
      "WITH x AS (INSERT INTO orders(note) SELECT email FROM customers) SELECT 1",
      "CREATE TEMP TABLE t AS SELECT email FROM customers",
      "SELECT email INTO t FROM customers",
      "SELECT set_config('application_name', email, false) FROM customers",
      "SELECT pg_notify('c', email) FROM customers",
      "SELECT setval('tickets', ascii(email)) FROM customers",
      "SELECT setseed(ascii(email) / 200.0) FROM customers",
      "SELECT pg_sleep(ascii(email)) FROM customers",
      "SELECT any_text(email) FROM customers",
    ]) {
      const stored = one(text).persists?.flatMap((each) => each.from.sources.map((source) => source.column));
      expect(stored, text).toContain("email");
    }
    expect(one("UPDATE customers SET city = 'Lyon' WHERE id = 1").persists).toBeUndefined();
  });
});

describe("unbounded writes", () => {
  it.each([
    "DELETE FROM orders",
    "DELETE FROM orders WHERE true",
    "DELETE FROM orders WHERE 1 = 1",
    "DELETE FROM orders WHERE 'a' = 'a'",
    "DELETE FROM orders WHERE NOT false",
    "DELETE FROM orders WHERE id = id",
    "DELETE FROM orders o WHERE o.id = o.id",
    "DELETE FROM orders WHERE id IS NOT NULL",
    "DELETE FROM orders WHERE NOT (id IS NULL)",
    "DELETE FROM orders WHERE id IS NOT NULL OR true",
    "DELETE FROM orders WHERE id = 1 OR 1 = 1",
    "DELETE FROM orders WHERE id = 1 OR id <> 1",
    "DELETE FROM orders WHERE id < 5 OR id >= 5",
    "DELETE FROM orders WHERE id > 4 OR id < 9",
    "DELETE FROM orders WHERE id <> -1",
    "DELETE FROM orders WHERE id NOT IN (-1)",
    "DELETE FROM orders WHERE id > -1",
    "DELETE FROM orders WHERE -1 < id",
    "DELETE FROM orders WHERE id < 2147483647",
    "UPDATE orders o SET total = 1 FROM orders v WHERE o.id = v.id",
    "UPDATE orders o SET total = 1 FROM (SELECT * FROM orders) v WHERE o.id = v.id",
    "MERGE INTO orders o USING orders v ON o.id = v.id WHEN MATCHED THEN DELETE",
    "DELETE FROM orders WHERE note LIKE '%'",
    "DELETE FROM orders WHERE note ~ '.*'",
    "DELETE FROM orders WHERE note NOT LIKE 'zzz'",
    "DELETE FROM orders WHERE length(note) >= 0",
    "DELETE FROM orders WHERE id * 0 = 0",
    "DELETE FROM orders WHERE id - id = 0",
    "DELETE FROM orders WHERE id % 1 = 0",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders)",
    "DELETE FROM orders WHERE id = ANY (ARRAY(SELECT id FROM orders))",
    "DELETE FROM orders WHERE EXISTS (SELECT 1)",
    "DELETE FROM orders WHERE CASE WHEN id > 3 THEN true ELSE true END",
    "DELETE FROM orders WHERE coalesce(id = 1, true)",
    "DELETE FROM orders WHERE random() >= 0",
    "DELETE FROM orders WHERE now() IS NOT NULL",
    "DELETE FROM orders WHERE 1 = 1.0",
    "DELETE FROM orders WHERE true = 't'",
    "DELETE FROM orders WHERE 'a'::char = 'ab'::char",
    "DELETE FROM orders WHERE NULL = NULL", // true with transform_null_equals
    "DELETE FROM orders WHERE (id = -1) IS FALSE",
    "DELETE FROM orders WHERE (id <> -1) IS TRUE",
    "DELETE FROM orders WHERE (id = -1) = false",
    "DELETE FROM orders WHERE (id IS NOT NULL)::int = 1",
    "DELETE FROM orders WHERE CASE WHEN id > 3 THEN 1 ELSE 1 END = 1",
    "DELETE FROM orders WHERE least(id, 5) <= 5",
    "DELETE FROM orders WHERE id BETWEEN -1 AND 2147483647",
    "DELETE FROM orders WHERE id BETWEEN SYMMETRIC 2147483647 AND 0",
    "DELETE FROM orders WHERE (id, total) >= (-1, -1)",
    "DELETE FROM orders WHERE id > 1 - 100",
    "DELETE FROM orders WHERE id + 1 > 0",
    "DELETE FROM orders WHERE created > '1900-01-01'",
    "DELETE FROM orders WHERE created < 'infinity'",
    "DELETE FROM orders WHERE id >= ALL ('{}'::int[])",
    "DELETE FROM orders WHERE id > ANY (ARRAY[-1])",
    "DELETE FROM orders WHERE id > ANY (SELECT -1)",
    "DELETE FROM orders WHERE id IN (SELECT generate_series(0, 100000))",
    "DELETE FROM orders WHERE (SELECT orders.id IS NOT NULL)",
    "DELETE FROM orders WHERE EXISTS (SELECT 1 WHERE orders.id IS NOT NULL)",
    "DELETE FROM orders WHERE EXISTS (SELECT orders.id FROM customers)",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT ALL)",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders LIMIT 1000000000)",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders GROUP BY id HAVING count(*) >= 1)",
    "DELETE FROM orders WHERE id IN (SELECT o.id FROM orders o JOIN orders v USING (id))",
    "DELETE FROM orders WHERE id IN (SELECT o.id FROM orders o LEFT JOIN customers c ON c.id = o.customer_id)",
    "WITH x AS (SELECT id FROM orders) DELETE FROM orders WHERE id IN (SELECT id FROM x)",
    "WITH x AS (SELECT id FROM orders), y AS (SELECT id FROM x) DELETE FROM orders WHERE id IN (SELECT id FROM y)",
    "WITH x AS (SELECT id FROM orders), d AS (DELETE FROM orders WHERE id IN (SELECT id FROM x)) SELECT 1",
    "WITH x AS (SELECT id FROM orders WHERE id IN (SELECT id FROM x)) DELETE FROM orders WHERE id IN (SELECT id FROM x)",
    "DELETE FROM orders WHERE id IN (WITH x AS (SELECT id FROM orders) SELECT id FROM x)",
    "DELETE FROM orders WHERE id IN (SELECT id FROM (SELECT id FROM orders) s)",
    "DELETE FROM orders WHERE id IN (SELECT unnest(ARRAY(SELECT id FROM orders)))",
    "DELETE FROM orders WHERE int4gt(id, -1)",
    "DELETE FROM orders WHERE starts_with(note, '')",
    "DELETE FROM orders WHERE tableoid = 'orders'::regclass",
    "DELETE FROM orders WHERE ctid >= '(0,0)'",
    "DELETE FROM orders WHERE xmax = 0",
    "DELETE FROM orders WHERE $1",
    "DELETE FROM orders WHERE $1 = 1",
    "DELETE FROM orders USING customers c WHERE c.id = 1",
    "UPDATE orders SET total = 0 FROM customers WHERE customers.id = 1",
    "UPDATE orders SET total = 0",
    "WITH x AS (DELETE FROM orders RETURNING 1) SELECT 1",
    "TRUNCATE orders",
    "MERGE INTO orders o USING customers c ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO orders o USING customers c ON o.id = c.id WHEN NOT MATCHED BY SOURCE THEN DELETE",
    "SELECT wipe()",
  ])("%s", (text) => {
    expect(one(text).unbounded).toBe(true);
  });

  it.each([
    "UPDATE orders o SET total = 1 FROM customers c WHERE o.id = c.id",
    "MERGE INTO orders o USING (VALUES (1, 5)) AS v(id, total) ON o.id = v.id WHEN MATCHED THEN UPDATE SET total = v.total",
    "DELETE FROM orders WHERE id = 1",
    "DELETE FROM orders WHERE id = 1 AND true",
    "DELETE FROM orders WHERE id = $1",
    "DELETE FROM orders WHERE id IN (1, 2)",
    "DELETE FROM orders WHERE id BETWEEN 1 AND 5",
    "DELETE FROM orders WHERE note LIKE 'old%'",
    "DELETE FROM orders WHERE id = 1 OR id = 2",
    "DELETE FROM orders WHERE note IS NULL",
    "DELETE FROM orders WHERE (id = 1) IS TRUE",
    "DELETE FROM orders WHERE (id <> 1) IS FALSE",
    "DELETE FROM orders WHERE note IS NOT DISTINCT FROM $1",
    "DELETE FROM orders WHERE id IN (SELECT 5)",
    "DELETE FROM orders WHERE ctid = '(0,1)'",
    "DELETE FROM orders WHERE ctid IN (SELECT ctid FROM orders WHERE note = 'x' LIMIT 100)",
    "DELETE FROM orders WHERE id IN (SELECT unnest($1::int[]))",
    "DELETE FROM orders WHERE id IN (SELECT * FROM unnest($1::int[]))",
    "DELETE FROM orders WHERE id IN (SELECT min(id) FROM orders GROUP BY customer_id HAVING count(*) > 1)",
    "DELETE FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE city = 'x')",
    "DELETE FROM orders WHERE id IN (SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.city = 'x')",
    "WITH doomed AS (SELECT id FROM orders WHERE note = 'x' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) DELETE FROM orders o USING doomed d WHERE o.id = d.id AND o.note = 'x'",
    "WITH doomed AS (SELECT id FROM orders WHERE note = 'x') DELETE FROM orders WHERE id IN (SELECT id FROM doomed)",
    "WITH RECURSIVE tree AS (SELECT id FROM orders WHERE id = $1 UNION ALL SELECT o.id FROM orders o JOIN tree t ON o.customer_id = t.id) DELETE FROM orders WHERE id IN (SELECT id FROM tree)",
    "WITH x AS (UPDATE orders SET total = 1 WHERE id = 1 RETURNING id) DELETE FROM orders WHERE id IN (SELECT id FROM x)",
    "DELETE FROM orders WHERE starts_with(note, 'old')",
    "DELETE FROM orders WHERE created < '2020-01-01'",
    "DELETE FROM orders WHERE created BETWEEN '2020-01-01' AND '2020-02-01'",
    "DELETE FROM orders WHERE (customer_id, id) < ($1, $2)",
    "DELETE FROM orders WHERE id > $1", // nor is `id > 1`, which picks no fewer
    "DELETE FROM orders WHERE total - 5 > 60 * 60",
    "DELETE FROM orders WHERE coalesce(note, '') = ''",
    "DELETE FROM orders WHERE (SELECT count(*) FROM customers c WHERE c.id = orders.customer_id) = 0",
    "DELETE FROM orders WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = orders.customer_id AND c.city = 'x')",
    "DELETE FROM orders WHERE false",
    "DELETE FROM orders WHERE 1 = 0",
    "DELETE FROM orders o USING customers c WHERE o.customer_id = c.id AND c.city = 'x'",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE note = 'x' LIMIT 10)",
    "DELETE FROM orders WHERE created < now() - interval '1 year'",
    "EXPLAIN DELETE FROM orders",
    "INSERT INTO orders(id) VALUES (1)",
  ])("but not %s", (text) => {
    expect(one(text).unbounded).toBe(false);
  });
});

describe("what a text means to the server", () => {
  it("refuses NUL, broken Unicode and texts that are too large before they are parsed", async () => {
    expect(one("SELECT 1\0; DELETE FROM orders").unparsed).toBe(true);
    expect(one("SELECT '\ud800'").unparsed).toBe(true);
    const small = await loadSqlParser({ textBytesMax: 20 });
    expect(small.analyse("SELECT 1234567890123456", SETTINGS, catalogue)[0]?.unparsed).toBe(true);
    expect(decodeStatement(Uint8Array.of(0x53, 0xff))).toBeUndefined();
  });

  it("does not trust backslashes while standard_conforming_strings is off", () => {
    const text = "SELECT '\\'; DROP TABLE users; --'";
    expect(all(text).map((facts) => facts.command)).toEqual(["SELECT", "DROP TABLE"]);
    expect(one(text, { standardConformingStrings: false }).unparsed).toBe(true);
  });

  it("does not trust text outside ASCII in another client encoding", () => {
    expect(one("SELECT 'é'", { clientEncoding: "SJIS" }).unparsed).toBe(true);
    expect(one("SELECT 'e'", { clientEncoding: "SJIS" }).unparsed).toBe(false);
  });

  it("does not trust names that temporary objects may shadow", () => {
    expect(one("SELECT note FROM orders", { temporaryNames: ["orders"] }).unresolved).toEqual(["orders"]);
    expect(one("SELECT note FROM public.orders", { temporaryNames: ["orders"] }).unresolved).toBeUndefined();
    expect(one("SELECT relname FROM pg_class", { temporaryNames: "any" }).opaque).toBe(true);
    expect(one("CREATE TEMP VIEW orders AS SELECT 1").createsTemporary).toEqual(["orders"]);
    expect(all("CREATE TEMP TABLE orders (a int); SELECT * FROM orders")[1]?.opaque).toBe(true);
  });

  it("reads later statements of one text under the search path that an earlier one set", () => {
    const [, second] = all("SET search_path = hr; SELECT * FROM people");
    expect(second?.accesses[0]?.object).toMatchObject({ schema: "hr", name: "people" });
    expect(all("SET search_path = hr; ROLLBACK; SELECT 1")[2]?.opaque).toBe(true);
    expect(all("SET ROLE hr; SELECT * FROM customers")[1]?.opaque).toBe(true);
  });

  it("gives byte offsets, not characters", () => {
    const [first, second] = all("SELECT 'é';SELECT 2");
    expect(first?.span).toEqual([0, 11]);
    expect(second?.span).toEqual([12, 20]);
  });

  it("knows a setting that pg_settings is asked for by name, and no other value of a column", () => {
    const known = "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'row_security'";
    expect(one(known)).toMatchObject({ opaque: false, sets: { name: "row_security", value: "off" } });
    for (const text of [
      "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name <> 'row_security'",
      "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'row_security' OR name = 'role'",
      "SELECT set_config(name, 'off', false) FROM pg_settings s (setting, name) WHERE name = 'row_security'",
      "SELECT set_config(name, 'off', false) FROM (SELECT 'role' AS name) pg_settings WHERE name = 'row_security'",
      "SELECT set_config(name, 'off', false) FROM pg_settings, orders WHERE name = 'row_security'",
      "SELECT set_config((SELECT name FROM customers LIMIT 1), 'off', false) FROM pg_settings WHERE name = 'row_security'",
    ])
      expect(one(text).opaque, text).toBe(true);
    const shadowed = { searchPath: "public, pg_catalog" };
    expect(one(known, shadowed).opaque).toBe(true);
  });

  it("takes the lock that every SELECT takes for a read, stronger ones for writes", () => {
    expect(access(one("LOCK orders IN ACCESS SHARE MODE NOWAIT"), "sql.read.select", "orders")).toBeDefined();
    expect(access(one("LOCK orders IN ROW SHARE MODE"), "sql.write.lock", "orders")).toBeDefined();
  });

  it("reads tables with booleans where an extension's type casts from them by functions of the type's own name", () => {
    const citext = {
      oid: 20_001,
      schema: "public",
      name: "citext",
      language: "internal",
      volatility: "immutable",
      securityDefiner: false,
      returnsSet: false,
      argumentCount: 1,
    } as const;
    const flag = 16;
    const extended = {
      ...catalogue,
      functions: [...catalogue.functions, citext],
      functionsByName: new Map([...catalogue.functionsByName, ["public.citext", [citext]]]),
      typeFunctions: new Map([...(catalogue.typeFunctions ?? []), ["citext", ["public.citext"]]]),
      implicitCasts: new Map([...(catalogue.implicitCasts ?? []), [flag, ["public.citext"]]]),
    };
    for (const text of ["SELECT relname, relhasindex FROM pg_class", "SELECT citext(relhasindex) FROM pg_class"])
      expect(analyser.analyse(text, SETTINGS, extended), text).toMatchObject([{ unparsed: false, opaque: false }]);
  });

  it("gives nothing for an empty text", () => {
    expect(all("")).toEqual([]);
    expect(all(" ; -- nothing\n ;")).toEqual([]);
  });

  it("survives texts that are too deep or too complex, and goes on", () => {
    const deep = (open: string, middle: string, close: string, n: number) => open.repeat(n) + middle + close.repeat(n);
    expect(one(`SELECT ${deep("(SELECT ", "1", ")", 20_000)}`).unparsed).toBe(true);
    expect(one(`SELECT ${"a||".repeat(60_000)}b`).unparsed).toBe(true);
    let nested = "SELECT 1 AS n";
    for (let depth = 0; depth < 9; depth += 1)
      nested = `WITH RECURSIVE t AS (${nested} UNION ALL (${nested})) SELECT n FROM t`;
    expect(nested.length).toBeLessThan(1_000_000);
    expect(one(nested).unparsed).toBe(true);
    expect(one("SELECT id FROM customers").unparsed).toBe(false);
  }, 30_000);

  it("keeps facts by exact text, settings and catalogue", () => {
    const settings = { ...SETTINGS };
    const first = analyser.analyse("SELECT 1 AS cached", settings, catalogue);
    expect(analyser.analyse("SELECT 1 AS cached", settings, catalogue)).toBe(first);
    expect(analyser.analyse("SELECT 1 AS cached", { ...settings }, catalogue)).toBe(first);
    expect(analyser.analyse("SELECT 1 AS cached", { ...settings, role: "x" }, catalogue)).not.toBe(first);
    expect(analyser.analyse("SELECT 1 AS cached", settings, { ...catalogue, version: "2" })).not.toBe(first);
    expect(analyser.analyse("SELECT 1  AS cached", settings, catalogue)).not.toBe(first);
  });
});

describe("prepared statements and cursors", () => {
  it("EXECUTE is opaque until what was prepared is put in", () => {
    const names = new PreparedNames();
    const execute = one("EXECUTE p(1)");
    expect(names.resolve(execute, SETTINGS)).toBe(execute);
    expect(execute.accesses.map((each) => each.action)).toContain("sql.opaque");
    names.observe(one("PREPARE p AS SELECT email FROM customers WHERE id = $1"), SETTINGS);
    const resolved = names.resolve(execute, SETTINGS);
    expect(resolved.opaque).toBe(false);
    expect(resolved.accesses.map((each) => each.action)).toEqual(["sql.read.select"]);
    expect(resolved.lineage).toMatchObject([{ sources: [{ column: "email" }] }]);
  });

  it("a name that stood for several statements needs what all of them need, and its origins are unknown", () => {
    const names = new PreparedNames();
    names.observe(one("PREPARE p AS SELECT email FROM customers"), SETTINGS);
    names.observe(one("PREPARE p AS DELETE FROM orders WHERE id = 1"), SETTINGS);
    const resolved = names.resolve(one("EXECUTE p"), SETTINGS);
    expect(resolved.accesses.map((each) => each.action)).toContain("sql.write.delete");
    expect(resolved.lineage).toBe("unknown");
  });

  it("FETCH takes the facts of the cursor, also of one that the protocol opened", () => {
    const names = new PreparedNames();
    names.note("cursor", "portal", { facts: one("SELECT ssn FROM customers"), settings: SETTINGS });
    expect(names.resolve(one("FETCH 5 FROM portal"), SETTINGS).lineage).toMatchObject([
      { sources: [{ column: "ssn" }] },
    ]);
    expect(names.resolve(one("FETCH 5 FROM other"), SETTINGS).opaque).toBe(true);
  });

  it("EXECUTE under other settings than it was prepared under is opaque: the server looks its names up again", () => {
    const names = new PreparedNames();
    names.observe(one("PREPARE p AS SELECT email FROM customers"), SETTINGS);
    names.observe(one("PREPARE q AS SELECT email FROM customers"), undefined);
    expect(names.resolve(one("EXECUTE p"), { ...SETTINGS, searchPath: "other" }).opaque).toBe(true);
    expect(names.resolve(one("EXECUTE q"), SETTINGS).opaque).toBe(true);
  });

  it("opaque arguments keep EXECUTE opaque", () => {
    const names = new PreparedNames();
    names.observe(one("PREPARE p AS SELECT 1"), SETTINGS);
    expect(names.resolve(one("EXECUTE p(not_there())"), SETTINGS).opaque).toBe(true);
  });
});

describe("the rest of a statement's facts", () => {
  it("names commands as their tags do", () => {
    const commands = [
      "SELECT 1",
      "INSERT INTO orders DEFAULT VALUES",
      "DROP TABLE orders",
      "SET ROLE x",
      "RESET ALL",
      "BEGIN",
    ];
    expect(commands.map((text) => one(text).command)).toEqual([
      "SELECT",
      "INSERT",
      "DROP TABLE",
      "SET",
      "RESET",
      "BEGIN",
    ]);
    expect(one("ALTER TABLE orders ADD x int").command).toBe("ALTER TABLE");
    expect(one("ROLLBACK TO a").transaction).toBe("rollback_to");
  });

  it("tells how COPY's rows look", () => {
    expect(one("COPY orders TO STDOUT (FORMAT csv, HEADER, DELIMITER ';', QUOTE '''')").copy).toEqual({
      direction: "out",
      format: "csv",
      delimiter: ";",
      nullText: "",
      header: true,
      quote: "'",
      escape: "'",
    });
    expect(one("COPY customers(id, email) TO STDOUT").lineage).toMatchObject([{}, { sources: [{ column: "email" }] }]);
    expect(one("COPY orders FROM '/x'").copy).toBeUndefined();
  });

  it("marks statistics and other sessions' statements as carrying every class", () => {
    expect(one("SELECT * FROM pg_stats").readsAnyClass).toBe(true);
    expect(one("SELECT tablename FROM pg_stats").readsAnyClass).toBeUndefined();
    expect(one("SELECT query FROM pg_stat_activity").readsAnyClass).toBe(true);
    expect(one("SELECT pg_stat_get_backend_activity(1)").readsAnyClass).toBe(true);
  });
});
