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
@id("open") permit (principal, action == Action::"session.open", resource);
@id("all") permit (principal, action in [Action::"sql.read", Action::"sql.write", Action::"sql.exec.call"], resource);
`;
const LIMIT = `
@id("limited") @description("A limit for this test.") @limit_time("300ms")
permit (principal, action, resource == Table::"shop/public.put_off");
`;
const TABLES = ["put_off", "put_off_freely"];
/** Each row's trigger sleeps so many seconds, when its transaction ends. */
const SETUP = `
CREATE OR REPLACE FUNCTION sleeps_late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(NEW.seconds); RETURN NULL; END';
${TABLES.map(
  (table) => `DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (seconds float8);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleeps_late();`,
).join("\n")}
`;

let owner: pg.Client;
let site: TestSite;
let wire: WireClient;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  await owner.query(SETUP);
  for (const table of TABLES) await owner.query(`GRANT ALL ON ${table} TO ${upstream.user}`);
  site = await startTestSite({
    upstream,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
    compiled: unwrap(compilePolicies({ guardrails: "", access: ACCESS, obligations: LIMIT })),
  });
  wire = await openWire(site);
  await wire.answers();
});
beforeEach(() => owner.query(`TRUNCATE ${TABLES.join(", ")}`));
afterAll(async () => {
  wire?.destroy();
  await site?.close();
  await owner?.query(`DROP TABLE IF EXISTS ${TABLES.join(", ")}; DROP FUNCTION IF EXISTS sleeps_late()`);
  await owner?.end();
});

const executed = (text: string) => [encode.parse("", text), bind("", ""), encode.execute("", 0)];
const slow = "INSERT INTO put_off VALUES (15)";

/** Sends and gives what came back as types, its error, and the transaction's status. */
async function answerTo(...frames: readonly Buffer[]) {
  wire.send(...frames);
  const answer = await wire.answers();
  const error = answer.find(({ type }) => type === "E");
  return {
    types: answer.map(({ type }) => type).join(""),
    code: error?.code,
    text: error?.text,
    status: answer.at(-1)?.text,
  };
}

const rowsIn = async (table: string) => (await owner.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;

describe("what a statement under a limit of time puts off until the transaction's end", () => {
  const STOPPED = {
    code: "57014",
    text: "Sluice: limit.time: the statement was stopped: policy sets a time limit of 300 ms",
  };

  test.each<[string, Buffer[], string]>([
    ["COMMIT", [encode.query("COMMIT")], "I"],
    ["COMMIT by the extended protocol", [...executed("COMMIT"), encode.sync()], "I"],
    ["END behind another statement of its text", [encode.query("SELECT 1; END")], "I"],
    ["SET CONSTRAINTS", [encode.query("SET CONSTRAINTS ALL IMMEDIATE")], "E"],
  ])("has that time in %s, and nothing of it is kept", async (_what, frames, status) => {
    await answerTo(encode.query("BEGIN"));
    expect(await answerTo(encode.query(slow))).toMatchObject({ types: "CZ", status: "T" });
    expect(await answerTo(...frames)).toMatchObject({ ...STOPPED, status });
    await answerTo(encode.query("ROLLBACK"));
    expect(await rowsIn("put_off")).toBe(0);
    expect(site.finished.some(({ outcome }) => outcome.reason?.startsWith("limit.time"))).toBe(true);
  });

  test("has that time in the Sync that commits it, though its own answer came before", async () => {
    wire.send(...executed(slow), encode.flush());
    await wire.until(() => wire.types().endsWith("C"));
    expect(await answerTo(encode.sync())).toMatchObject({ ...STOPPED, types: "12CEZ", status: "I" });
    expect(await rowsIn("put_off")).toBe(0);
    const outcome = { status: "error", error: "57014" };
    expect(site.finished.at(-1)?.outcome).toMatchObject({ outcome, reason: expect.stringContaining("limit.time") });
  });

  test("has that time in a Sync behind statements without a limit, and what is sent behind it is not hit", async () => {
    wire.send(...executed(slow), ...executed("SELECT 1"), encode.sync(), ...executed("SELECT 2"), encode.sync());
    const [first, second] = [await wire.answers(), await wire.answers()];
    expect(first.find(({ type }) => type === "E")).toMatchObject(STOPPED);
    expect(second.map(({ type }) => type).join("")).toBe("12DCZ");
    expect(await rowsIn("put_off")).toBe(0);
  });

  test("may take its time in another transaction, which wrote nothing under the limit", async () => {
    expect(await answerTo(encode.query("INSERT INTO put_off VALUES (0)"))).toMatchObject({ types: "CZ" });
    expect(await answerTo(...executed("INSERT INTO put_off VALUES (0)"), encode.sync())).toMatchObject({
      types: "12CZ",
    });
    await answerTo(encode.query("BEGIN"));
    await answerTo(encode.query("INSERT INTO put_off_freely VALUES (0.8)"));
    expect(await answerTo(encode.query("COMMIT"))).toMatchObject({ types: "CZ", status: "I" });
    const frames = [...executed("INSERT INTO put_off_freely VALUES (0.8)"), encode.sync()];
    expect(await answerTo(...frames)).toMatchObject({ types: "12CZ", status: "I" });
    expect(await rowsIn("put_off_freely")).toBe(2);
  });
});
