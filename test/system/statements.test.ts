import pg from "pg";
import { expect, inject, test } from "vitest";
import { eventually, recordsOf } from "./control-data.ts";
import { psql, runPsql } from "./psql.ts";

const { stateDir, file } = inject("stack");
const urlOf = (who: string) => file.resources["shop"]?.urls[who] ?? "";
const direct = file.resources["shop"]?.directUrl ?? "";

/** Runs one query straight at the upstream, past the enforcer. */
async function upstream(sql: string): Promise<Record<string, unknown>[]> {
  await using client = await connected(direct);
  return (await client.query(sql)).rows;
}

async function connected(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

test("psql shows ana masked e-mail, phone, card and social security numbers, and the rest as it is", async () => {
  const [row] = await upstream("SELECT * FROM customers WHERE id = 7");
  const { status, output } = await runPsql(urlOf("ana"), "SELECT * FROM customers WHERE id = 7");
  expect(status, output).toBe(0);
  expect(output).toContain(row?.["name"]);
  expect(output).toContain(row?.["city"]);
  for (const column of ["email", "phone", "card", "ssn"]) expect(output).not.toContain(row?.[column]);
});

test("aliases, sub-selects, CTEs, views and functions show no more than the column itself", async () => {
  const [row] = await upstream("SELECT email FROM customers WHERE id = 9");
  const email = String(row?.["email"]);
  for (const sql of [
    "SELECT email AS harmless FROM customers WHERE id = 9",
    "SELECT x FROM (SELECT email AS x FROM customers WHERE id = 9) AS inner_one",
    "WITH all_of AS (SELECT * FROM customers) SELECT * FROM all_of WHERE id = 9",
    "SELECT contact FROM customer_contacts WHERE id = 9",
    "SELECT customer_email(9)",
    "SELECT upper(email), email || '' FROM customers WHERE id = 9",
    "SELECT row_to_json(c) FROM customers c WHERE id = 9",
  ]) {
    const { output } = await runPsql(urlOf("ana"), sql);
    expect(output.toLowerCase(), sql).not.toContain(email);
  }
});

test("node-postgres gets masked values by the extended protocol too, in text and in binary", async () => {
  const [row] = await upstream("SELECT email FROM customers WHERE id = 11");
  await using client = await connected(urlOf("ana"));
  for (const binary of [false, true]) {
    const query = { text: "SELECT id, email FROM customers WHERE id = $1", values: [11], binary };
    const { rows } = await client.query(query);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.email).not.toBe(row?.["email"]);
  }
});

test("a DELETE is refused at once with 42501, the policy's name, the reason and a hint, and nothing is gone", async () => {
  const start = performance.now();
  const { status, output } = await runPsql(urlOf("ana"), "DELETE FROM customers");
  expect(performance.now() - start).toBeLessThan(5000);
  expect(status).not.toBe(0);
  expect(output).toMatch(/ERROR:\s+42501: Sluice: [\w.-]+: \S+/);
  expect(output).toMatch(/HINT: {2}\S+/);
  expect(await upstream("SELECT count(*)::int AS n FROM customers")).toEqual([{ n: 1000 }]);
  const [record] = await eventually(
    () => recordsOf(stateDir, "DELETE FROM customers"),
    (rows) => rows.length > 0,
  );
  expect(record).toMatchObject({ principalId: "ana", verdict: "deny", status: "refused" });
});

test("after a refusal inside a transaction the session is in the failed state until it rolls back", async () => {
  await using client = await connected(urlOf("ana"));
  await client.query("BEGIN");
  await expect(client.query("DELETE FROM customers")).rejects.toMatchObject({ code: "42501" });
  await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
  await client.query("ROLLBACK");
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("copilot reads masked rows for ana, writes nothing, and both names stand on every record", async () => {
  const read = await runPsql(urlOf("copilot"), "SELECT id, email, 'by copilot' AS mark FROM customers WHERE id = 3");
  const [row] = await upstream("SELECT email FROM customers WHERE id = 3");
  expect(read.status, read.output).toBe(0);
  expect(read.output).not.toContain(row?.["email"]);
  const write = await runPsql(urlOf("copilot"), "UPDATE customers SET city = 'by copilot' WHERE id = 3");
  expect(write.output).toContain("42501: Sluice:");
  const records = await eventually(
    () => recordsOf(stateDir, "by copilot"),
    (rows) => rows.length >= 2,
  );
  for (const record of records)
    expect(record).toMatchObject({ principalType: "Agent", principalId: "copilot", onBehalfOf: "ana" });
});

test("psql describes tables, and several statements in one string are judged one by one", async () => {
  const described = await runPsql(urlOf("ana"), "\\d customers");
  expect(described.status, described.output).toBe(0);
  expect(described.output).toContain("city");
  const mixed = await runPsql(urlOf("ana"), "SELECT 1; DELETE FROM orders");
  expect(mixed.output).toContain("42501: Sluice:");
  expect(await upstream("SELECT count(*)::int AS n FROM orders")).toEqual([{ n: 3000 }]);
});

test("a foreign token, another's name, and a connection without TLS are refused with a reason", async () => {
  const ana = new URL(urlOf("ana"));
  const bo = new URL(urlOf("bo"));
  const asSomebodyElse = new URL(ana);
  asSomebodyElse.username = "bo";
  expect((await runPsql(asSomebodyElse.href, "SELECT 1")).output).toMatch(/FATAL/);
  const damaged = new URL(bo);
  damaged.password = `${bo.password.slice(0, -4)}AAAA`;
  expect((await runPsql(damaged.href, "SELECT 1")).output).toMatch(/FATAL/);
  const plain = new URL(ana);
  plain.search = "?sslmode=disable";
  expect((await runPsql(plain.href, "SELECT 1")).output).toMatch(/FATAL|error/i);
});

test("garbage on the port closes that connection and disturbs nobody else", async () => {
  const { connect } = await import("node:net");
  await using client = await connected(urlOf("ana"));
  const port = Number(new URL(urlOf("ana")).port);
  for (const bytes of [
    Buffer.alloc(64, 0xff),
    Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
    Buffer.from([0, 0, 0, 8]),
  ]) {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {}); // a reset is as good as an end
    socket.end(bytes);
    await new Promise<void>((done) => socket.once("close", () => done()).resume());
  }
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("a large result arrives whole", async () => {
  await using client = await connected(urlOf("ana"));
  const { rows } = await client.query(
    "SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id, generate_series(1, 20)",
  );
  expect(rows).toHaveLength(60_000);
});

test("a statement that waits for approval can be interrupted", async () => {
  const run = psql(urlOf("ana"), "UPDATE customers SET city = 'Nowhere' WHERE id = 12");
  await run.until(/approv/i);
  run.interrupt();
  const { output } = await run.ended();
  expect(output).toMatch(/ERROR/);
  expect(await upstream("SELECT city = 'Nowhere' AS changed FROM customers WHERE id = 12")).toEqual([
    { changed: false },
  ]);
});
