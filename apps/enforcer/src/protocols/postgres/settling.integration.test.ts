import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type WireClient } from "./fixtures/wire.ts";

let site: TestSite;
let wire: WireClient;

beforeAll(async () => {
  const { owner, ...upstream } = inject("upstream");
  const direct = new pg.Client({ ...upstream, ...owner, ssl: { rejectUnauthorized: false } });
  await direct.connect();
  await direct.query(`
    DROP SCHEMA IF EXISTS decoy CASCADE;
    CREATE SCHEMA decoy;
    CREATE TABLE decoy.customers (id integer, email text);
    INSERT INTO decoy.customers VALUES (1, 'nobody');
    GRANT USAGE ON SCHEMA decoy TO PUBLIC;
    GRANT SELECT ON decoy.customers TO PUBLIC`);
  await direct.end();
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({ upstream: inject("upstream"), masking, environment: "staging" });
  wire = await openWire(site);
  await wire.answers();
});

afterAll(async () => {
  wire.destroy();
  await site.close();
  const { owner, ...upstream } = inject("upstream");
  const direct = new pg.Client({ ...upstream, ...owner, ssl: { rejectUnauthorized: false } });
  await direct.connect();
  await direct.query("DROP SCHEMA decoy CASCADE");
  await direct.end();
});

async function query(text: string): Promise<string> {
  wire.send(encode.query(text));
  return (await wire.answers()).map(({ text: shown }) => shown).join(" ");
}

describe("names whose meaning changed after they were judged", () => {
  const email = "SELECT email FROM customers WHERE id = 1";

  test("stay masked in a portal that was bound before search_path led elsewhere", async () => {
    await query("BEGIN");
    wire.send(encode.parse("", email), bind("p", ""), encode.sync());
    await wire.answers();
    await query("SET LOCAL search_path = decoy");
    expect(await query("SELECT email FROM customers")).toContain("nobody");
    wire.send(encode.execute("p", 0), encode.sync());
    const row = (await wire.answers()).find(({ type }) => type === "D");
    expect(row?.text).toMatch(/\*\*\*/);
    await query("ROLLBACK");
  });

  test("are not executed by a name that was prepared under another search_path", async () => {
    await query("SET search_path = decoy");
    await query(`PREPARE decoyed AS ${email}`);
    await query(`SET search_path = decoy; PREPARE mixed AS ${email}; SET search_path = public`);
    for (const name of ["decoyed", "mixed"]) expect(await query(`EXECUTE ${name}`)).toContain("not-understood");
    await query("DEALLOCATE ALL");
    await query("RESET search_path");
  });

  test("are judged anew in the batch that changed search_path, and after it was rolled back", async () => {
    const batch = ["SET search_path = decoy", email, "SELECT 1 / 0"].flatMap((text) => [
      encode.parse("", text),
      bind("", ""),
      encode.execute("", 0),
    ]);
    wire.send(...batch, encode.sync());
    const answers = await wire.answers();
    expect(answers.find(({ type }) => type === "D")?.text).toContain("nobody");
    expect(answers.find(({ type }) => type === "E")?.code).toBe("22012");
    expect(await query(email)).toMatch(/\*\*\*/);
  });

  test("leave the client free to choose its isolation level after a change", async () => {
    await query("BEGIN");
    await query("SET LOCAL search_path = public");
    expect(await query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")).toContain("SET");
    await query("ROLLBACK");
  });
});

/** One batch that sets something and, not having heard of it, goes on with a text that means something else by then. */
async function behind(setting: string, text: string): Promise<string> {
  const run = [bind("", ""), encode.execute("", 0)];
  wire.send(encode.parse("", setting), ...run, encode.flush(), encode.parse("", text), ...run, encode.sync());
  const answers = await wire.answers();
  return answers.map(({ code, text: shown }) => `${code} ${shown}`).join(" ");
}

describe("a setting that changes what a text means, in the middle of a batch, where the server does not report it", () => {
  test("is known before the next text is judged: a backslash while standard_conforming_strings is off", async () => {
    for (const setting of ["SET standard_conforming_strings = off", "SET LOCAL standard_conforming_strings TO off"]) {
      const answer = await behind(setting, "SELECT 'a\\', ' , email FROM customers WHERE id = 1 --'");
      expect(answer).toContain("not-understood");
      expect(answer).not.toContain("example.com");
      await query("RESET ALL");
    }
  });

  test("is known before the next text is judged: bytes of another client encoding", async () => {
    // the last byte of each character takes the backslash as the second half of another: the quote behind it ends the string
    for (const [encoding, character] of [
      ["SJIS", "\u0083"],
      ["GBK", "\u597d"],
      ["BIG5", "\u597d"],
    ] as const) {
      const text = `SELECT E'${character}\\', email FROM customers WHERE id = 1 --'`;
      const answer = await behind(`SET client_encoding = '${encoding}'`, text);
      expect(answer).toContain("not-understood");
      expect(answer).not.toContain("example.com");
      await query("RESET ALL");
    }
  });

  test("is known again when the batch was rolled back", async () => {
    wire.send(encode.parse("", "SET standard_conforming_strings = off"), bind("", ""), encode.execute("", 0));
    wire.send(encode.parse("", "SELECT 1 / 0"), bind("", ""), encode.execute("", 0), encode.sync());
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("22012");
    expect(await query("SELECT 'a\\' AS shown")).toContain("a\\");
  });
});
