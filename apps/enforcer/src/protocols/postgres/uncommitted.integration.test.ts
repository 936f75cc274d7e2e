import { readFileSync } from "node:fs";
import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type WireClient } from "./fixtures/wire.ts";

const ACCESS = `
@id("all") permit (principal, action, resource);
`;
const GUARDRAIL = `
@id("no-role") @description("For this test.") forbid (principal, action == Action::"sql.admin.role", resource);
`;
/** `checked` may refer to nothing until its transaction ends. */
const SETUP = `
DROP TABLE IF EXISTS kept_notes, kept_orders;
CREATE TABLE kept_orders (id int PRIMARY KEY);
CREATE TABLE kept_notes (id int PRIMARY KEY, checked int REFERENCES kept_orders DEFERRABLE INITIALLY DEFERRED);
INSERT INTO kept_orders VALUES (1);
`;

let owner: pg.Client;
let site: TestSite;
let wire: WireClient;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  await owner.query(SETUP);
  site = await startTestSite({
    upstream: { ...upstream, ...upstream.owner },
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
    compiled: unwrap(compilePolicies({ guardrails: GUARDRAIL, access: ACCESS, obligations: "" })),
  });
});
beforeEach(async () => {
  wire?.destroy();
  await owner.query("DELETE FROM kept_notes");
  wire = await openWire(site);
  await wire.answers();
  await Promise.resolve();
  site.drafts.length = 0;
  site.finished.length = 0;
});
afterAll(async () => {
  wire?.destroy();
  await site?.close();
  await owner?.query("SET lock_timeout = '5s'; DROP TABLE IF EXISTS kept_notes, kept_orders");
  await owner?.end();
});

const executed = (text: string) => [encode.parse("", text), bind("", ""), encode.execute("", 0)];
const good = (id: number) => executed(`INSERT INTO kept_notes VALUES (${id}, 1)`);
const bad = (id: number) => executed(`INSERT INTO kept_notes VALUES (${id}, 99)`);
const fails = executed("SELECT 1 / (g - 1) FROM generate_series(1, 1) g");

async function answerTo(...frames: readonly Buffer[]): Promise<string> {
  wire.send(...frames);
  const types = (await wire.answers()).map(({ type }) => type).join("");
  // outcomes are told after the answer
  await new Promise((resolve) => setImmediate(resolve));
  return types;
}

/** What the records say, in the order of the statements: status, rows and SQLSTATE. */
function told(): string[] {
  return site.drafts.map(({ id }) => {
    const found = site.finished.filter((each) => each.id === id);
    if (found.length !== 1) return `${found.length} outcomes`;
    const { error, rows, status } = found[0]?.outcome.outcome ?? {};
    return [status, rows, error].filter((part) => part !== undefined).join(" ");
  });
}

const kept = async () => (await owner.query("SELECT id FROM kept_notes ORDER BY id")).rows.map(({ id }) => id);

describe("the record of a write outside of a transaction block", () => {
  test("says ok when its Sync committed it", async () => {
    expect(await answerTo(...good(1), encode.sync())).toBe("12CZ");
    expect(told()).toEqual(["ok 1"]);
    expect(await kept()).toEqual([1]);
  });

  test("says error, with the reason's SQLSTATE, when its Sync could not commit it", async () => {
    expect(await answerTo(...bad(1), encode.sync())).toBe("12CEZ");
    expect(told()).toEqual(["error 1 23503"]);
    expect(await kept()).toEqual([]);
  });

  test("says nothing before the Sync, and each of a batch's writes shares its end; a read's own end stays", async () => {
    wire.send(...good(1), ...executed("SELECT 7"), ...bad(2), ...good(3), encode.flush());
    await wire.until(() => wire.types().split("C").length > 4);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told()).toEqual(["0 outcomes", "ok 1", "0 outcomes", "0 outcomes"]);
    await answerTo(encode.sync());
    expect(told()).toEqual(["error 1 23503", "ok 1", "error 1 23503", "error 1 23503"]);
    expect(await kept()).toEqual([]);
  });

  test("waits for the batch's end with so many writes alone that no batch takes the spool's room from others", async () => {
    const ids = Array.from({ length: 300 }, (_, index) => index + 1);
    await answerTo(...ids.flatMap((id) => good(id)), ...fails, encode.sync());
    const said = told();
    expect(said.slice(0, 256).every((each) => each === "aborted 1 22012")).toBe(true);
    expect(said.slice(256, 300).every((each) => each === "ok 1")).toBe(true);
    expect(said.slice(300)).toEqual(["error 0 22012"]);
    expect(await kept()).toEqual([]);
  });

  test("says ok of every write of a batch that was committed, and how many rows each changed", async () => {
    await answerTo(...good(1), ...executed("INSERT INTO kept_notes VALUES (2, 1), (3, 1)"), ...good(4), encode.sync());
    expect(told()).toEqual(["ok 1", "ok 2", "ok 1"]);
    expect(await kept()).toEqual([1, 2, 3, 4]);
  });

  test("says aborted when a later statement of its batch failed, and what that failed with", async () => {
    expect(await answerTo(...good(1), ...fails, ...good(2), encode.sync())).toBe("12C12EZ");
    expect(told()).toEqual(["aborted 1 22012", "error 0 22012", "aborted 0"]);
    expect(await kept()).toEqual([]);
  });

  test("says aborted when a later statement of its batch was refused", async () => {
    await answerTo(...good(1), ...executed("SET ROLE postgres"), encode.sync());
    expect(told()).toEqual(["aborted 1", "0 outcomes"]);
    expect(await kept()).toEqual([]);
  });

  test("is aborted by a Query behind it that failed without a Sync between them", async () => {
    await answerTo(...good(1), encode.query("SELECT 1 / 0"));
    expect(told()).toEqual(["aborted 1 22012", "error 0 22012"]);
  });

  test("says nothing before the Sync behind a Query that came without one, which the server keeps open", async () => {
    await answerTo(...good(1), encode.query("INSERT INTO kept_notes VALUES (2, 1)"));
    expect(told()).toEqual(["0 outcomes", "0 outcomes"]);
    expect(await kept()).toEqual([]);
  });

  test("is that of its own batch, whatever was sent behind it", async () => {
    wire.send(...good(1), encode.sync(), ...bad(2), encode.sync(), ...good(3), encode.sync());
    await wire.answers(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told()).toEqual(["ok 1", "error 1 23503", "ok 1"]);
    expect(await kept()).toEqual([1, 3]);
  });

  test("says aborted when its client is gone before the Sync", async () => {
    wire.send(...good(1), encode.flush());
    await wire.until(() => wire.types().includes("C"));
    wire.destroy();
    await expect.poll(() => site.finished.length).toBeGreaterThan(0);
    expect(told().slice(0, 1)).toEqual(["aborted 1"]);
    expect(await kept()).toEqual([]);
  });

  test("is told once for a portal that was read in pieces, closed or replaced", async () => {
    const returning = "INSERT INTO kept_notes SELECT g, % FROM generate_series(1, 3) g RETURNING id";
    const pieces = (checked: number) => [
      encode.parse("", returning.replace("%", String(checked))),
      bind("", ""),
      encode.execute("", 1),
      encode.execute("", 1),
    ];
    expect(await answerTo(...pieces(99), ...executed("SELECT 1"), encode.sync())).toBe("12DsDs12DCEZ");
    expect(told()).toEqual(["error 2 23503", "ok 1"]);
    expect(await answerTo(...pieces(1), encode.sync())).toBe("12DsDsZ");
    expect(told().slice(2)).toEqual(["ok 2"]);
    expect(await kept()).toEqual([1, 2, 3]);
  });

  test("says ok when a COMMIT of the batch kept it, and aborted when a ROLLBACK did not, whatever came after", async () => {
    await answerTo(...good(1), ...executed("COMMIT"), ...fails, encode.sync());
    await answerTo(...good(2), ...executed("ROLLBACK"), ...good(3), encode.sync());
    expect(told().filter((_each, at) => at !== 1 && at !== 4)).toEqual(["ok 1", "error 0 22012", "aborted 1", "ok 1"]);
    expect(await kept()).toEqual([1, 3]);
  });
});

test("a statement that fails at its Bind, which plans it, is an error with its SQLSTATE", async () => {
  await answerTo(...good(1), ...executed("SELECT 1 / 0"), ...good(2), encode.sync());
  expect(told()).toEqual(["aborted 1 22012", "error 0 22012", "aborted 0"]);
});

test.each(["VACUUM kept_notes", "CREATE INDEX CONCURRENTLY kept_index ON kept_notes (checked)"])(
  "%s commits by itself: what fails behind it in its batch does not take it back",
  async (text) => {
    await answerTo(...executed(text), ...fails, encode.sync());
    expect(told()).toEqual(["ok 0", "error 0 22012"]);
    const made = await owner.query("SELECT 1 FROM pg_class WHERE relname = 'kept_index'");
    expect(made.rowCount).toBe(text.startsWith("VACUUM") ? 0 : 1);
  },
);

test("rows that were copied in are aborted or an error like any write, rows that were copied out are not", async () => {
  const copyIn = async (row: string, ...rest: Buffer[]) => {
    wire.send(...executed("COPY kept_notes FROM STDIN"), encode.flush());
    await wire.until(() => wire.types().endsWith("G"));
    return answerTo(encode.frame(0x64, Buffer.from(row)), encode.frame(0x63, Buffer.alloc(0)), ...rest, encode.sync());
  };
  await copyIn("1\t1\n2\t1\n");
  await copyIn("3\t99\n");
  await copyIn("4\t1\n", ...fails);
  await answerTo(...executed("COPY kept_notes TO STDOUT"), ...fails, encode.sync());
  const outcomes = ["ok 2", "error 1 23503", "aborted 1 22012", "error 0 22012", "ok 2", "error 0 22012"];
  expect(told()).toEqual(outcomes);
  expect(await kept()).toEqual([1, 2]);
});

test("what could have been a COPY lets the client go on when it was none, before its transaction ends", async () => {
  const opaque = "SELECT query_to_xml('SELECT 1', true, false, '')";
  expect(await answerTo(...executed(opaque), ...good(1), encode.sync())).toBe("12DC12CZ");
  expect(told()).toEqual(["ok 1", "ok 1"]);
  expect(await answerTo(...good(2), encode.query(opaque))).toMatch(/^12CTDCZ$/);
});

describe("in a transaction block", () => {
  test("a COMMIT that fails is an error in its own record, over both protocols", async () => {
    for (const commit of [[encode.query("COMMIT")], [...executed("COMMIT"), encode.sync()]]) {
      site.drafts.length = 0;
      await answerTo(encode.query("BEGIN"));
      await answerTo(...bad(1), encode.sync());
      await answerTo(...commit);
      expect(told()).toEqual(["ok 0", "ok 1", "error 0 23503"]);
    }
    expect(await kept()).toEqual([]);
  });

  test("a COMMIT of what failed before says by its tag that it rolled back", async () => {
    await answerTo(encode.query("BEGIN"));
    await answerTo(encode.query("SELECT 1 / 0"));
    await answerTo(encode.query("COMMIT"));
    expect(site.finished.at(-1)?.outcome.outcome).toMatchObject({ status: "ok", tag: "ROLLBACK" });
  });

  test("statements end when they are done: what a savepoint keeps is not said to be undone", async () => {
    await answerTo(...executed("BEGIN"), ...good(1), ...executed("SAVEPOINT s"), ...fails, encode.sync());
    await answerTo(encode.query("ROLLBACK TO s"));
    await answerTo(encode.query("COMMIT"));
    expect(told()).toEqual(["ok 0", "ok 1", "ok 0", "error 0 22012", "ok 0", "ok 0"]);
    expect(await kept()).toEqual([1]);
  });

  test("what follows its COMMIT in the same batch is outside of it again", async () => {
    await answerTo(encode.query("BEGIN"));
    await answerTo(...good(1), ...executed("COMMIT"), ...good(2), ...fails, encode.sync());
    expect(told()).toEqual(["ok 0", "ok 1", "ok 0", "aborted 1 22012", "error 0 22012"]);
    expect(await kept()).toEqual([1]);
  });
});

test("statements that are sent without waiting for each other's answers each record their own rows", async () => {
  const rows = (n: number) => executed(`SELECT g FROM generate_series(1, ${n}) g`);
  await answerTo(...rows(3), ...rows(5), ...rows(2), encode.sync());
  expect(told()).toEqual(["ok 3", "ok 5", "ok 2"]);
});
