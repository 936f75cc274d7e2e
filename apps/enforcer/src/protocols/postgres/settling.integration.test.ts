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
    CREATE FUNCTION decoy.first_mail() RETURNS text LANGUAGE plpgsql STABLE
      AS $$ BEGIN RETURN (SELECT email FROM customers WHERE id = 1); END $$;
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

describe("names that are looked up no sooner than when a statement runs", () => {
  const mail = "SELECT decoy.first_mail() FROM generate_series(1, 2)";
  const elsewhere = "SET LOCAL search_path = decoy";

  test("are not in the clear by the meaning that they had when a portal was bound", async () => {
    for (const text of [mail, "COPY customers(email) TO STDOUT"]) {
      await query("BEGIN");
      await query(elsewhere);
      wire.send(encode.parse("", text), bind("p", ""), encode.sync());
      expect((await wire.answers()).map(({ type }) => type).join("")).toBe("12Z");
      await query("SET LOCAL search_path = public");
      wire.send(encode.execute("p", 0), encode.sync());
      const answers = (await wire.answers()).map(({ text: shown }) => shown).join(" ");
      expect(answers).toContain("protocol.late_names");
      expect(answers).not.toContain("example.com");
      await query("ROLLBACK");
    }
  });

  test("are not in the clear by the meaning that they had when a cursor was declared", async () => {
    await query("BEGIN");
    await query(elsewhere);
    await query(`DECLARE late CURSOR FOR ${mail}`);
    expect(await query("FETCH 1 FROM late")).toContain("nobody");
    await query("SET LOCAL search_path = public");
    expect(await query("FETCH 1 FROM late")).toContain("not-understood");
    await query("ROLLBACK");
  });

  test("are none of a cursor WITH HOLD, which runs to its end at COMMIT", async () => {
    expect(await query(`DECLARE held CURSOR WITH HOLD FOR ${mail}`)).toContain("under the settings of then");
    await query("DECLARE held CURSOR WITH HOLD FOR SELECT id FROM customers ORDER BY id LIMIT 2");
    expect(await query("FETCH ALL FROM held")).toContain("FETCH 2");
    await query("CLOSE held");
  });
});

describe("a name that means something else from the middle of a text on", () => {
  test("hides what it now stands for, or is not understood", async () => {
    await query("BEGIN; DECLARE again CURSOR FOR SELECT 'harmless'");
    await query("CLOSE again");
    const declared = await query(
      "DECLARE again CURSOR FOR SELECT email FROM customers WHERE id = 1; FETCH ALL FROM again",
    );
    expect(declared).toMatch(/not-understood|\*\*\*/);
    await query("ROLLBACK");
    await query("PREPARE again AS SELECT 'harmless'");
    const prepared = await query(
      "DEALLOCATE again; PREPARE again AS SELECT email FROM customers WHERE id = 1; EXECUTE again",
    );
    expect(prepared).toMatch(/not-understood|\*\*\*/);
    // the settings of the text's middle are not those that it was judged with
    await query("SET search_path = decoy");
    await query("PREPARE there AS SELECT email FROM customers WHERE id = 1");
    expect(await query("EXECUTE there")).toContain("nobody");
    expect(await query("SET search_path = public; EXECUTE there")).toContain("not-understood");
    await query("RESET search_path");
    await query("BEGIN; SET LOCAL search_path = decoy");
    await query("PREPARE inside AS SELECT email FROM customers WHERE id = 1");
    expect(await query("EXECUTE inside; COMMIT; EXECUTE inside")).toContain("not-understood");
    await query("ROLLBACK");
    expect(await query("BEGIN; EXECUTE harmless")).toContain("not-understood");
    await query("ROLLBACK");
    await query("PREPARE harmless AS SELECT 'harmless'");
    expect(await query("BEGIN; EXECUTE harmless")).toContain("harmless");
    await query("DECLARE twice CURSOR FOR SELECT id FROM generate_series(1, 2) id");
    expect(await query("FETCH 1 FROM twice; FETCH 1 FROM twice")).toMatch(/FETCH 1.*FETCH 1/s);
    await query("ROLLBACK");
    await query("DEALLOCATE ALL");
  });
});
