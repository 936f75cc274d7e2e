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
