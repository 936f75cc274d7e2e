import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire } from "./fixtures/wire.ts";

const run = promisify(execFile);
const APPROVED = { kind: "approved", approverIds: ["bo"], reason: "" } as const;
let site: TestSite;

beforeAll(async () => {
  site = await startTestSite({
    upstream: inject("upstream"),
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    limits: { statementBytesMax: 20_000, frameBytesMax: 1_000_000 },
  });
});
afterAll(() => site?.close());
beforeEach(() => {
  site.drafts.length = 0;
  site.finished.length = 0;
  site.asked.length = 0;
  site.answer = async () => ({ kind: "unavailable", reason: "no approver in this test" });
});

async function connect(user = "ana", extra: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user,
    password: `token:${user}`,
    ssl: { ca: readFileSync(site.caFile, "utf8") },
    connectionTimeoutMillis: 10_000,
    ...extra,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function psql(sql: string, options: { readonly user?: string; readonly tls?: string } = {}): Promise<string> {
  const user = options.user ?? "ana";
  const target = `host=localhost port=${site.port} dbname=shop user=${user} sslmode=${options.tls ?? "verify-full"} sslrootcert=${site.caFile}`;
  const env = { ...process.env, PGPASSWORD: `token:${user}`, PGGSSENCMODE: "disable", LC_ALL: "C.UTF-8" };
  const ended = await run("psql", ["-X", "-At", "-v", "ON_ERROR_STOP=0", "-c", sql, target], {
    env,
    timeout: 20_000,
  }).catch((failed: { stdout: string; stderr: string }) => failed);
  return `${ended.stdout}${ended.stderr}`;
}

describe("a client of the Postgres adapter", () => {
  test("reads rows through the simple and the extended protocol", async () => {
    const client = await connect();
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    expect((await client.query("SELECT $1::int + 1 AS two", [1])).rows).toEqual([{ two: 2 }]);
    const named = { name: "s1", text: "SELECT id FROM orders WHERE id = $1" };
    expect((await client.query({ ...named, values: [1] })).rows).toEqual([{ id: 1 }]);
    expect((await client.query({ ...named, values: [2] })).rows).toEqual([{ id: 2 }]);
    await client.end();
  });

  test("gets classified columns masked over both protocols, through alias, star, subquery and CTE", async () => {
    const client = await connect();
    const raw = await rawCustomer();
    for (const sql of [
      "SELECT email FROM customers WHERE id = 1",
      "SELECT * FROM customers WHERE id = 1",
      "SELECT c.email AS x FROM (SELECT * FROM customers) c WHERE id = 1",
      "WITH w AS (SELECT email, id FROM customers) SELECT upper(email) FROM w WHERE id = 1",
    ]) {
      for (const query of [{ text: sql }, { text: sql, name: sql.slice(0, 20) }, { text: sql, values: [] }]) {
        const printed = JSON.stringify((await client.query({ ...query, rowMode: "array" })).rows).toLowerCase();
        expect(printed).not.toContain(raw.email.toLowerCase());
        expect(printed).not.toContain(raw.ssn);
      }
    }
    expect(site.finished.at(-1)?.outcome.verdict).toBe("mask");
    await client.end();
  });

  test("is refused a DELETE without WHERE with 42501, the policy's name and a hint, and goes on", async () => {
    const client = await connect();
    for (const query of [{ text: "DELETE FROM customers" }, { text: "DELETE FROM customers", name: "d" }])
      await expect(client.query(query)).rejects.toMatchObject({
        code: "42501",
        message: expect.stringMatching(/^Sluice: unbounded-write: /),
        hint: expect.stringContaining("WHERE"),
      });
    expect((await client.query("SELECT count(*)::int AS n FROM customers")).rows).toEqual([{ n: 1000 }]);
    expect(site.drafts.filter(({ verdict }) => verdict === "deny")).toHaveLength(2);
    await client.end();
  });

  test("finds its transaction failed after a refusal inside of it, as Postgres would leave it", async () => {
    const client = await connect();
    await client.query("BEGIN");
    await expect(client.query("DELETE FROM customers")).rejects.toMatchObject({ code: "42501" });
    await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
    await client.query("ROLLBACK");
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  test("decides every statement of one text before any of them runs", async () => {
    site.answer = async () => APPROVED;
    const client = await connect();
    await expect(
      client.query("UPDATE customers SET city = 'Nowhere' WHERE id = 2; DELETE FROM customers"),
    ).rejects.toMatchObject({ code: "42501" });
    const { rows } = await client.query("SELECT city FROM customers WHERE id = 2");
    expect(rows[0]?.city).not.toBe("Nowhere");
    await client.end();
  });

  test("works with plain psql over verify-full, \\d included", async () => {
    expect(await psql("SELECT 40 + 2")).toBe("42\n");
    expect(await psql("\\d customers")).toContain("email");
    expect(await psql("DELETE FROM customers")).toMatch(
      /ERROR: {2}Sluice: unbounded-write: .*\nLINE 1: DELETE FROM customers\n {20}\^\nHINT: {2}/,
    );
  });

  test("is told that TLS is needed, without its token being read", async () => {
    expect(await psql("SELECT 1", { tls: "disable" })).toContain("reached over TLS only");
  });

  test("is told clearly that its token or user is not good", async () => {
    await expect(connect("ana", { password: "nonsense" })).rejects.toMatchObject({ code: "28P01" });
    await expect(connect("eve", { password: "token:ana" })).rejects.toMatchObject({ code: "28000" });
    await expect(connect("ana", { database: "other" })).rejects.toMatchObject({ code: "3D000" });
  });
});

describe("an error of the upstream", () => {
  test("keeps its code but not the values of hidden columns", async () => {
    site.answer = async () => APPROVED;
    const client = await connect();
    const raw = await rawCustomer();
    for (const [sql, code] of [
      ["UPDATE customers SET id = NULL WHERE id = 1", "23502"],
      ["SELECT email::int FROM customers WHERE id = 1", "22P02"],
      ["UPDATE customers SET city = city WHERE id = 1 AND email::int > 0", "22P02"],
    ] as const) {
      const failure = await client.query(sql).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect(failure).toMatchObject({ code });
      const said = JSON.stringify(failure) + String(failure);
      expect(said).not.toContain(raw.email);
      expect(said).not.toContain(raw.ssn);
    }
    await client.end();
  });

  test("learns nothing of a hidden value's length from the record's bytes", async () => {
    for (const times of [1, 50]) await psql(`SELECT repeat(email, ${times}) FROM customers WHERE id = 1`);
    const bytes = site.finished.map(({ outcome }) => outcome.outcome.bytes).filter((count) => count > 0);
    expect(bytes).toHaveLength(2);
    expect(new Set(bytes).size).toBe(1);
  });
});

describe("a held statement", () => {
  test("waits with a notice and the link, then the same connection gets UPDATE 1", async () => {
    let approve: () => void = () => undefined;
    site.answer = () => new Promise((resolve) => void (approve = () => resolve(APPROVED)));
    const client = await connect();
    const notices: string[] = [];
    client.on("notice", ({ message }) => void notices.push(String(message)));
    const update = client.query("UPDATE customers SET city = 'Lyon' WHERE id = 1");
    await expect.poll(() => notices.join("\n")).toContain("https://console.test/approvals/");
    expect(notices[0]).toContain("Sluice: production-write:");
    approve();
    expect((await update).rowCount).toBe(1);
    expect(site.asked[0]?.subject.statement).toBe("UPDATE customers SET city = 'Lyon' WHERE id = 1");
    expect(site.finished.at(-1)?.outcome).toMatchObject({
      verdict: "allow",
      approval: { outcome: "approved", approvers: ["bo"] },
      outcome: { status: "ok", rows: 1, tag: "UPDATE 1" },
    });
    await client.end();
  });

  test("carries its parameters to the approver and runs with exactly those", async () => {
    site.answer = async () => APPROVED;
    const client = await connect();
    const update = { text: "UPDATE customers SET city = $1 WHERE id = $2", values: ["Nantes", 3] };
    expect((await client.query(update)).rowCount).toBe(1);
    expect(site.asked[0]?.subject.parameters).toEqual(["Nantes", "3"]);
    expect((await client.query(update)).rowCount).toBe(1);
    expect(site.asked).toHaveLength(2);
    await client.end();
  });

  test("says so when it is refused, expires or cannot be asked", async () => {
    const client = await connect();
    const update = "UPDATE customers SET city = 'X' WHERE id = 1";
    site.answer = async () => ({ kind: "refused", approverIds: ["bo"], reason: "not today" });
    await expect(client.query(update)).rejects.toMatchObject({
      code: "42501",
      message: expect.stringContaining("not today"),
    });
    site.answer = async () => ({ kind: "expired", reason: "" });
    await expect(client.query({ text: update, name: "u" })).rejects.toMatchObject({
      message: expect.stringContaining("in time"),
    });
    await expect(client.query("SELECT 1")).resolves.toBeDefined();
    await client.end();
  });

  test("does not run when what it does changed while people decided", async () => {
    const upstream = inject("upstream");
    const owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
    await owner.connect();
    await owner.query("CREATE OR REPLACE VIEW held_view AS SELECT id, city FROM customers");
    await owner.query(`GRANT ALL ON held_view TO ${upstream.user}`);
    const client = await connect();
    const update = "UPDATE held_view SET city = 'Oslo' WHERE id = 4";
    const bystander = await connect("bo");
    site.answer = async () => {
      await owner.query("DROP VIEW held_view");
      await owner.query("CREATE VIEW held_view AS SELECT id, status AS city FROM orders");
      await owner.query(`GRANT ALL ON held_view TO ${upstream.user}`);
      // a name that the catalogue does not hold makes the enforcer look again
      await bystander.query("SELECT * FROM not_there_at_all").catch(() => undefined);
      return APPROVED;
    };
    await expect(client.query(update)).rejects.toMatchObject({
      code: "42501",
      message: expect.stringContaining("changed while it was held"),
    });
    await Promise.all([bystander.end(), client.end()]);
    await owner.query("DROP VIEW held_view");
    await owner.end();
  });

  test("is withdrawn when the client cancels it or goes away", async () => {
    const signals: AbortSignal[] = [];
    site.answer = (_request, signal) => {
      signals.push(signal);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve({ kind: "expired", reason: "" })));
    };
    const wire = await openWire(site);
    const key = wire.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
    await wire.answers();
    wire.send(encode.query("UPDATE customers SET city = 'X' WHERE id = 1"));
    await wire.until(() => wire.types().includes("NN"));
    const cancel = connectTcp({ host: "127.0.0.1", port: site.port });
    cancel.on("error", () => undefined);
    cancel.write(encode.cancelRequest(key.readInt32BE(0), key.subarray(4)));
    const answer = await wire.answers();
    expect(answer.find(({ type }) => type === "E")?.code).toBe("57014");
    wire.send(encode.query("UPDATE customers SET city = 'X' WHERE id = 1"));
    await wire.until(() => wire.types().includes("NN"));
    wire.destroy();
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe("the wire", () => {
  test("answers pipelined batches in order, a refusal in the middle undoing its own batch only", async () => {
    const wire = await openWire(site, { params: { application_name: "pipeline" } });
    await wire.answers();
    const ask = (sql: string) => [encode.parse("", sql), bind("", ""), encode.describe("P", ""), encode.execute("", 0)];
    wire.send(
      ...ask("SELECT 1"),
      encode.sync(),
      ...ask("SELECT 2"),
      ...ask("DELETE FROM customers"),
      ...ask("SELECT 3"),
      encode.sync(),
      ...ask("SELECT 4"),
      encode.sync(),
    );
    const types = (await wire.answers(3)).map(({ type }) => type).join("");
    expect(types).toBe("12TDCZ" + "12TDC" + "EZ" + "12TDCZ");
    wire.destroy();
  });

  test("takes direct TLS, protocol 3.2 with its long cancel key, and refuses what it does not know", async () => {
    const wire = await openWire(site, { direct: true, version: 196_610 });
    expect(wire.seen.find(({ type }) => type === "K")?.body).toHaveLength(36);
    await wire.answers();
    wire.send(encode.frame(0x46, Buffer.alloc(10)));
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("0A000");
    wire.destroy();
    const future = await openWire(site, { version: 196_700, params: { "_pq_.future": "1" } });
    expect(future.types()).toMatch(/^vR/);
    future.destroy();
    const replication = await openWire(site, { params: { replication: "database" } });
    expect(replication.seen.at(-1)?.code).toBe("0A000");
  });

  test("refuses a statement over the limit and goes on, and closes on a frame over the limit", async () => {
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.query(`SELECT '${"x".repeat(200_000)}'`));
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("54000");
    wire.send(encode.parse("", `SELECT '${"x".repeat(30_000)}'`), bind("", ""), encode.sync());
    expect((await wire.answers()).map(({ code, type }) => code ?? type)).toEqual(["54000", "Z"]);
    wire.send(Buffer.from([0x51, 0x40, 0, 0, 0, 1]));
    await wire.until(() => wire.closed);
    expect(wire.seen.at(-1)?.code).toBe("08P01");
  });

  test("closes on garbage and leaves others alone", async () => {
    const client = await connect();
    const garbage = connectTcp({ host: "127.0.0.1", port: site.port });
    garbage.on("error", () => undefined);
    garbage.write(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await new Promise((resolve) => garbage.once("close", resolve));
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  test("reads a statement again under the settings that an earlier one changed", async () => {
    const client = await connect();
    await client.query("CREATE TEMP TABLE t (x int)").catch(() => undefined);
    await client.query("SET search_path = pg_catalog");
    await expect(client.query("SELECT * FROM customers")).rejects.toThrow();
    await client.query("RESET search_path");
    expect((await client.query("SELECT count(*)::int AS n FROM customers")).rows).toEqual([{ n: 1000 }]);
    await client.end();
  });

  test("never lets a name stand for another statement than the judged one", async () => {
    const client = await connect();
    const raw = await rawCustomer();
    await client.query("PREPARE p AS SELECT email FROM customers WHERE id = 1");
    const { rows } = await client.query("EXECUTE p");
    expect(JSON.stringify(rows)).not.toContain(raw.email);
    await client.query("BEGIN");
    await client.query("DECLARE c CURSOR FOR SELECT email FROM customers WHERE id = 1");
    const fetched = await client.query("FETCH ALL FROM c");
    expect(JSON.stringify(fetched.rows)).not.toContain(raw.email);
    await client.query("COMMIT");
    await client.end();
  });
});

describe("the site behind the wire", () => {
  test("stops traffic when nothing can be recorded", async () => {
    const client = await connect();
    site.recorderFull = true;
    await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "53100" });
    site.recorderFull = false;
    await expect(client.query("SELECT 1")).resolves.toBeDefined();
    await client.end();
  });

  test("refuses work with 57P03 and the reason while there is no bundle to work with", async () => {
    const client = await connect();
    site.unavailable = "the lease of the bundle has ended";
    await expect(client.query("SELECT 1")).rejects.toMatchObject({
      code: "57P03",
      message: expect.stringContaining("lease"),
    });
    await expect(connect()).rejects.toMatchObject({ code: "57P03" });
    site.unavailable = undefined;
    await expect(client.query("SELECT 1")).resolves.toBeDefined();
    await client.end();
  });

  test("keeps connections over a new bundle, and ends those whose principal is revoked", async () => {
    const [ana, bo] = await Promise.all([connect("ana"), connect("bo")]);
    site.change((content) => ({ ...content }));
    await expect(ana.query("SELECT 1")).resolves.toBeDefined();
    const ended = new Promise<Error>((resolve) => ana.on("error", resolve));
    site.revoke({ kind: "principal", value: 'User::"ana"', reason: "left the company" });
    expect(await ended).toMatchObject({ code: "57P01" });
    await expect(bo.query("SELECT 1")).resolves.toBeDefined();
    await bo.end();
  });

  test("names both the agent and its person on every record", async () => {
    const client = await connect("copilot", { password: "token:copilot:ana" });
    await client.query("SELECT id FROM orders LIMIT 1");
    await expect(client.query("UPDATE customers SET city = 'X' WHERE id = 1")).rejects.toMatchObject({ code: "42501" });
    expect(site.drafts.at(-1)?.principals).toEqual([
      { type: "Agent", id: "copilot", name: "copilot" },
      { type: "User", id: "ana", name: "ana" },
    ]);
    await client.end();
  });
});

async function rawCustomer(): Promise<{ readonly email: string; readonly ssn: string }> {
  const upstream = inject("upstream");
  const client = new pg.Client({
    host: upstream.host,
    port: upstream.port,
    database: upstream.database,
    user: upstream.owner.user,
    password: upstream.owner.password,
    ssl: { ca: readFileSync(upstream.caFile, "utf8") },
  });
  await client.connect();
  const { rows } = await client.query<{ email: string; ssn: string }>("SELECT email, ssn FROM customers WHERE id = 1");
  await client.end();
  const [row] = rows;
  if (!row) throw new Error("the demo database has no customers");
  return row;
}
