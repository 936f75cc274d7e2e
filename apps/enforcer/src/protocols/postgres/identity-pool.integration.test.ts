import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire } from "./fixtures/wire.ts";

const EVERYTHING = `
@id("test-everything") permit (principal, action, resource);
`;
let site: TestSite;
const clients: pg.Client[] = [];

beforeAll(async () => {
  site = await startTestSite({
    upstream: inject("upstream"),
    reach: { pool: { enabled: true } },
    environment: "staging",
    access: EVERYTHING,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
});
afterAll(() => site?.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  // a change of the bundle empties the pool: each test begins with none
  site.change((content) => content);
});

async function connect(user = "ana", extra: pg.ClientConfig = {}, at = site): Promise<pg.Client> {
  const client = new pg.Client({
    host: "localhost",
    port: at.port,
    database: "shop",
    user,
    password: `token:${user}`,
    ssl: { ca: readFileSync(at.caFile, "utf8") },
    ...extra,
  });
  client.on("error", () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

async function pid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** Ends the session and waits until its connection was reset, or is gone. */
async function end(client: pg.Client, at = site): Promise<void> {
  clients.splice(clients.indexOf(client), 1);
  await client.end();
  await vi.waitFor(() => expect(at.host.sessionCount).toBe(clients.length));
  await new Promise((resolve) => setTimeout(resolve, 500));
}

describe("a connection that the pool gives again", () => {
  test("serves the next session of the same identity, and that one alone", async () => {
    const first = await connect();
    const before = await pid(first);
    await end(first);
    expect(await pid(await connect("bo"))).not.toBe(before);
    expect(await pid(await connect("copilot", { password: "token:copilot:ana" }))).not.toBe(before);
    const again = await connect();
    expect(await pid(again)).toBe(before);
    expect(await pid(await connect()), "never two sessions at once").not.toBe(before);
  });

  test("is not shared by an agent that acts for one person and then for another", async () => {
    const forAna = await connect("copilot", { password: "token:copilot:ana" });
    const before = await pid(forAna);
    await end(forAna);
    expect(await pid(await connect("copilot", { password: "token:copilot:bo" }))).not.toBe(before);
    expect(await pid(await connect("copilot", { password: "token:copilot:ana" }))).toBe(before);
  });

  test("was opened with the same startup settings", async () => {
    const first = await connect("ana", { application_name: "one" });
    const before = await pid(first);
    await end(first);
    expect(await pid(await connect("ana", { application_name: "two" }))).not.toBe(before);
    expect(await pid(await connect("ana", { application_name: "one" }))).toBe(before);
  });

  test("shows nothing of what the session before left behind", async () => {
    const first = await connect("ana", { application_name: "left" });
    const before = await pid(first);
    for (const sql of [
      "SET search_path TO pg_catalog",
      "SET statement_timeout TO '17s'",
      "SET TIME ZONE 'Asia/Tokyo'",
      "SET default_transaction_read_only TO on",
      "PREPARE left_statement AS SELECT 1",
    ])
      await first.query(sql);
    await first.query({ name: "named", text: "SELECT 1" });
    await end(first);
    const next = await connect("ana", { application_name: "left" });
    expect(await pid(next)).toBe(before);
    const one = async (sql: string) => (await next.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
    expect(await one("SHOW search_path")).toBe('"$user", public');
    expect(await one("SHOW statement_timeout")).toBe("0");
    expect(await one("SHOW TimeZone")).toBe("UTC");
    expect(await one("SHOW application_name")).toBe("left");
    expect(await one("SHOW default_transaction_read_only")).toBe("off");
    await expect(next.query("EXECUTE left_statement")).rejects.toThrow();
  });
});

describe("a connection ends with its session", () => {
  async function isDropped(client: pg.Client, leave: () => Promise<unknown>): Promise<void> {
    const before = await pid(client);
    await leave();
    await end(client);
    expect(await pid(await connect())).not.toBe(before);
  }

  test("when a transaction is open", async () => {
    const client = await connect();
    await isDropped(client, () => client.query("BEGIN"));
  });

  test("when an answer is still owed", async () => {
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.query("SELECT pg_backend_pid()"));
    const before = (await wire.answers()).find(({ type }) => type === "D")?.body.toString("latin1", 6);
    wire.send(encode.query("SELECT count(*) FROM generate_series(1, 3000000)"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    wire.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(String(await pid(await connect()))).not.toBe(before);
  });

  test("when it was asked to cancel: the signal must not meet the next user", async () => {
    const wire = await openWire(site);
    const key = wire.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
    await wire.answers();
    wire.send(encode.query("SELECT pg_backend_pid()"));
    const before = (await wire.answers()).find(({ type }) => type === "D")?.body.toString("latin1", 6);
    wire.send(encode.query("SELECT count(*) FROM generate_series(1, 1000000000)"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const cancel = connectTcp({ host: "127.0.0.1", port: site.port });
    cancel.write(encode.cancelRequest(key.readInt32BE(0), key.subarray(4)));
    await wire.answers();
    wire.send(encode.frame(0x58, Buffer.alloc(0)));
    await wire.until(() => wire.closed);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(String(await pid(await connect()))).not.toBe(before);
  });

  test("a key of a session that is over cancels nothing of the next one", async () => {
    const wire = await openWire(site);
    const key = wire.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
    wire.send(encode.frame(0x58, Buffer.alloc(0)));
    await wire.until(() => wire.closed);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const next = await connect();
    const running = next.query("SELECT count(*)::int AS n FROM generate_series(1, 2000000)");
    const cancel = connectTcp({ host: "127.0.0.1", port: site.port });
    cancel.write(encode.cancelRequest(key.readInt32BE(0), key.subarray(4)));
    expect((await running).rows).toEqual([{ n: 2_000_000 }]);
  });

  test("when its identity is revoked or locked, or the bundle changed meanwhile", async () => {
    for (const leave of [
      () => site.revoke({ kind: "principal", value: 'User::"ana"', reason: "test" }),
      () => site.change((content) => content),
    ]) {
      const client = await connect();
      const before = await pid(client);
      await end(client);
      leave();
      expect(await pid(await connect())).not.toBe(before);
      await Promise.all(clients.splice(0).map((each) => each.end()));
    }
    const used = await connect();
    const before = await pid(used);
    site.change((content) => content);
    await end(used);
    expect(await pid(await connect()), "in use when the bundle changed").not.toBe(before);
  });
});

test("no more wait than the resource says, none longer than it says, and none is used more often", async () => {
  const pool = { enabled: true, idlePerIdentityMax: 1, idleMs: 3_000, usesMax: 2 };
  const bounded = await startTestSite({
    upstream: inject("upstream"),
    reach: { pool },
    environment: "staging",
    access: EVERYTHING,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
  try {
    const [first, second] = [await connect("ana", {}, bounded), await connect("ana", {}, bounded)];
    const [kept, surplus] = [await pid(first), await pid(second)];
    await end(first, bounded);
    await end(second, bounded);
    const third = await connect("ana", {}, bounded);
    expect(await pid(third)).toBe(kept);
    expect(await pid(await connect("ana", {}, bounded))).not.toBe(surplus);
    await end(third, bounded);
    const fourth = await connect("ana", {}, bounded);
    expect(await pid(fourth), "used twice already").not.toBe(kept);
    const waited = await pid(fourth);
    await end(fourth, bounded);
    await new Promise((resolve) => setTimeout(resolve, 4_100));
    expect(await pid(await connect("ana", {}, bounded)), "waited too long").not.toBe(waited);
  } finally {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await bounded.close();
  }
});

test("a resource whose org did not choose it opens a connection for each session", async () => {
  const plain = await startTestSite({
    upstream: inject("upstream"),
    environment: "staging",
    access: EVERYTHING,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
  try {
    const first = await connect("ana", {}, plain);
    const before = await pid(first);
    await end(first, plain);
    expect(await pid(await connect("ana", {}, plain))).not.toBe(before);
  } finally {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await plain.close();
  }
});
