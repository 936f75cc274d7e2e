import { beforeAll, describe, expect, it } from "vitest";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { fixtureCatalogue } from "./corpus/load-corpus.fixture.ts";
import { loadSqlParser, PreparedNames, type SqlAnalyser } from "./index.ts";
import { loadParser } from "./parser.ts";
import { proceduralBody } from "./procedural-text.ts";

const SETTINGS: SqlSessionSettings = {
  searchPath: "public",
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

function one(text: string, settings: Partial<SqlSessionSettings> = {}): StatementFacts {
  const [facts, ...others] = analyser.analyse(text, { ...SETTINGS, ...settings }, catalogue);
  if (!facts || others.length > 0) throw new Error(`not one statement: ${text}`);
  return facts;
}

/** Everything but reads, as `action table`. */
function effects(text: string): readonly string[] {
  return one(text)
    .accesses.filter((access) => !access.action.startsWith("sql.read."))
    .map((access) => `${access.action} ${access.object.name}`)
    .sort();
}

function sources(facts: StatementFacts): readonly string[] {
  if (facts.lineage === undefined || facts.lineage === "unknown") return ["unknown"];
  return facts.lineage.flatMap((column) => [
    ...(column.unknown ? ["unknown"] : []),
    ...column.sources.map((source) => `${source.table}.${source.column}`),
  ]);
}

describe("a function in PL/pgSQL", () => {
  it("reads and writes what its body does, and no more is doubted than the body leaves open", () => {
    const facts = one("SELECT city_of(1)");
    expect(facts.opaque).toBe(false);
    expect(facts.accesses).toMatchObject([
      { action: "sql.read.select", object: { name: "customers" }, columnsRead: ["city"], columnsFiltered: ["id"] },
    ]);
    expect(effects("SELECT calls_wipe()")).toEqual(["sql.write.delete orders"]);
    expect(one("SELECT calls_wipe()").unbounded).toBe(true);
    expect(effects("SELECT subscripted()")).toEqual(["sql.write.delete orders"]);
    expect(effects("SELECT constant_delete()")).toEqual(["sql.write.delete orders"]);
  });

  it("gives back anything that it read: rows, conditions and loops alike", () => {
    expect(sources(one("SELECT mail_of(1)"))).toContain("customers.email");
    expect(sources(one("SELECT mail_exists('a%')"))).toContain("customers.email");
    expect(sources(one("SELECT who FROM big_spenders(1)"))).toContain("orders.total");
    expect(sources(one("SELECT upper(city_of(id)) FROM customers"))).not.toContain("customers.email");
    expect(sources(one("SELECT n FROM generate_series(1, 9) n WHERE mail_exists('a' || n)"))).toContain(
      "customers.email",
    );
  });

  it("gives back errors' texts as something of unknown origin", () => {
    expect(sources(one("SELECT error_text()"))).toContain("unknown");
  });

  it("is not understood when it makes up SQL as it goes, or changes what names mean", () => {
    for (const text of ["SELECT any_text('x')", "SELECT moves_path()"]) {
      expect(one(text).opaque, text).toBe(true);
      expect(
        one(text).accesses.map((access) => access.action),
        text,
      ).toContain("sql.opaque");
    }
  });

  it("is read under its own search path, with its owner's rights and its defaults", () => {
    expect(one("SELECT salary_of(1)").accesses).toMatchObject([{ object: { schema: "hr", name: "people" } }]);
    expect(effects("SELECT quiet_default(1)")).toEqual(["sql.write.delete orders"]);
    expect(effects("SELECT quiet_default(1, 2)")).toEqual([]);
  });

  it("may call itself", () => {
    expect(one("SELECT counts_down(3)").opaque).toBe(false);
  });

  it("means something else where a temporary table hides what it names", () => {
    expect(one("SELECT city_of(1)", { temporaryNames: ["customers"] }).opaque).toBe(true);
    expect(one("SELECT city_of(1)").opaque).toBe(false);
  });

  it("that leaves a cursor open makes every FETCH read what it read", () => {
    const names = new PreparedNames();
    const declared = one("DECLARE c CURSOR FOR SELECT 1");
    names.observe(declared, SETTINGS);
    expect(names.resolve(one("FETCH c"), SETTINGS).lineage).toMatchObject([{ sources: [] }]);
    names.observe(one("SELECT opens_cursor()"), SETTINGS);
    const fetched = names.resolve(one("FETCH c"), SETTINGS);
    expect(fetched.lineage).toBe("unknown");
    expect(fetched.accesses.map((access) => access.object.name)).toContain("customers");
  });
});

describe("a DO block", () => {
  it("needs what its body does, and the right to run procedural code", () => {
    const facts = one(
      "DO $x$ BEGIN IF EXISTS (SELECT 1 FROM orders) THEN DELETE FROM products WHERE id = 1; END IF; END $x$",
    );
    expect(facts.opaque).toBe(false);
    expect(effects("DO $$ BEGIN PERFORM wipe(); END $$")).toEqual([
      "sql.exec.call plpgsql_inline_handler",
      "sql.write.delete orders",
    ]);
    expect(facts.accesses.map((access) => access.action)).toContain("sql.write.delete");
  });

  it.each([
    "DO $$ BEGIN EXECUTE 'DELETE FROM ' || 'orders'; END $$",
    "DO $$ BEGIN EXECUTE $1; END $$",
    "DO $$ BEGIN SET ROLE postgres; END $$",
    "DO $$ BEGIN not plpgsql at all; END $$",
    "DO LANGUAGE plperl $$ 1 $$",
    "DO $$ DECLARE t text := 'DELETE FROM orders'; BEGIN EXECUTE t; END $$",
    "DO $$ BEGIN CREATE TEMP TABLE orders AS SELECT 1; DELETE FROM orders; END $$",
  ])("is not understood: %s", (text) => {
    expect(one(text).opaque).toBe(true);
  });
});

describe("a write", () => {
  it("sets off its triggers, and those of rows that foreign keys change", () => {
    expect(effects("DELETE FROM tracked WHERE id = 1")).toEqual([
      "sql.write.delete tracked",
      "sql.write.delete tracked_parts",
      "sql.write.insert changes",
    ]);
    expect(effects("UPDATE tracked SET label = 'x' WHERE id = 1")).toEqual(["sql.write.update tracked"]);
    expect(effects("UPDATE tracked SET id = 2 WHERE id = 1")).toContain("sql.write.update tracked_parts");
  });

  it("tells what a trigger puts into the row, or copies of it elsewhere", () => {
    const stored = (text: string) =>
      one(text).persists?.map(({ from, into }) => [
        `${into.table}.${into.column}`,
        from.sources.map((each) => each.column),
      ]);
    expect(stored("INSERT INTO stamped(id) VALUES (1)")).toEqual([["stamped.*", ["email"]]]);
    expect(stored("DELETE FROM tracked_parts WHERE id = 1")).toContainEqual(["changes.old_row", ["id", "tracked_id"]]);
  });

  it("with a trigger of unknown effect is not understood", () => {
    expect(one("INSERT INTO dynamic_trigger VALUES (1)").opaque).toBe(true);
  });

  it("calls the functions of defaults and checks; a read those of row security", () => {
    expect(effects("INSERT INTO numbered(n) VALUES (1)")).toContain("sql.write.delete orders");
    expect(one("SELECT id FROM guarded").functions).toContain("public.may_see");
    expect(one("SELECT id FROM guarded").opaque).toBe(false);
  });
});

describe("every place for an expression in a body", () => {
  it("is found", async () => {
    const parser = await loadParser();
    const body = `CREATE FUNCTION f() RETURNS SETOF int LANGUAGE plpgsql AS $$
      <<outermost>> DECLARE v int := x1(); w int DEFAULT x2(); k CONSTANT text := x3(); r record; a int[];
        q CURSOR (p int) FOR SELECT x4(); c refcursor;
      BEGIN
        v := x5(); a[x6()] := x7(); r.f = x8();
        IF x9() THEN v := x10(); ELSIF x11() THEN v := x12(); ELSE v := x13(); END IF;
        CASE x14() WHEN x15(), x16() THEN v := x17(); ELSE v := x18(); END CASE;
        CASE WHEN x19() THEN v := x20(); END CASE;
        LOOP EXIT WHEN x21(); CONTINUE WHEN x22(); END LOOP;
        WHILE x23() LOOP v := x24(); END LOOP;
        FOR i IN x25() .. x26() BY x27() LOOP v := x28(); END LOOP;
        FOR r IN SELECT x29() LOOP v := x30(); END LOOP;
        FOR r IN EXECUTE 'SELECT x31()' USING x32() LOOP v := x33(); END LOOP;
        FOR r IN q(x34()) LOOP v := x35(); END LOOP;
        FOREACH v IN ARRAY x36() LOOP v := x37(); END LOOP;
        RETURN NEXT x38();
        RETURN QUERY SELECT x39();
        RETURN QUERY EXECUTE 'SELECT x40()' USING x41();
        RAISE NOTICE 'a %', x42() USING HINT = x43();
        ASSERT x44(), x45();
        SELECT x46() INTO v;
        EXECUTE 'SELECT x47()' INTO v USING x48();
        OPEN q(x49()); OPEN c FOR SELECT x50(); OPEN c FOR EXECUTE 'SELECT x51()' USING x52();
        FETCH RELATIVE x53() FROM c INTO v; MOVE FORWARD x54() FROM c; CLOSE c;
        PERFORM x55(); CALL x56(x57()); DO 'BEGIN NULL; END';
        BEGIN v := x58(); EXCEPTION WHEN unique_violation THEN v := x59(); WHEN OTHERS THEN v := x60(); END;
        INSERT INTO t VALUES (x61()) RETURNING x62() INTO v;
        RETURN;
      END $$`;
    const found = proceduralBody(body, parser);
    const texts = found?.texts.map(({ text }) => text).join("\n") ?? "";
    for (let number = 1; number <= 62; number += 1) expect(texts).toMatch(new RegExp(`\\bx${number}\\(`));
    expect(found?.texts.filter((text) => text.dynamic)).toHaveLength(4);
    expect(found).toMatchObject({ opensCursors: true, readsErrors: false });
  });

  it("is not taken for understood when a part is of an unknown kind", () => {
    const parser = {
      parse: () => ({ ok: false, reason: "" }) as const,
      parseProcedural: () =>
        ({ ok: true, tree: { plpgsql_funcs: [{ PLpgSQL_function: { action: { PLpgSQL_stmt_new: {} } } }] } }) as const,
    };
    expect(proceduralBody("", parser)).toBeUndefined();
  });
});
