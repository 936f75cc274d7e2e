import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { startTestSite, type TestSite } from "./test-site.fixture.ts";

/** Hides whole cells: the masking room has its own tests; here only the way of the rows matters. */
const HIDE = {
  planRows: () => ({
    maskedCells: { email: 1 },
    maskRow(source: Buffer, start: number, end: number, sink: { reserve(bytes: number): Buffer; length: number }) {
      const cells = source.readInt16BE(start + 5);
      const size = 7 + cells * 4;
      const out = sink.reserve(size);
      out[sink.length] = 0x44;
      out.writeInt32BE(size - 1, sink.length + 1);
      out.writeInt16BE(cells, sink.length + 5);
      for (let cell = 0; cell < cells; cell++) out.writeInt32BE(-1, sink.length + 7 + cell * 4);
      sink.length += size;
      void end;
    },
  }),
  planCopy: () => ({ refuse: "not in this test" }),
};

let site: TestSite;

beforeAll(async () => {
  site = await startTestSite({ upstream: inject("upstream"), masking: HIDE });
});
afterAll(() => site?.close());

async function connect(user = "ana", password = `token:${user}`, extra: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user,
    password,
    ssl: { ca: readFileSync(site.caFile, "utf8") },
    connectionTimeoutMillis: 10_000,
    ...extra,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
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

  test("gets classified columns masked over both protocols", async () => {
    const client = await connect();
    expect((await client.query("SELECT email FROM customers LIMIT 2")).rows).toEqual([
      { email: null },
      { email: null },
    ]);
    expect((await client.query("SELECT email FROM customers WHERE id = $1", [1])).rows).toEqual([{ email: null }]);
    await client.end();
  });

  test("is refused a DELETE without WHERE with 42501, the policy's name and a hint, and goes on", async () => {
    const client = await connect();
    for (const query of [
      () => client.query("DELETE FROM customers"),
      () => client.query({ text: "DELETE FROM customers", name: "d" }),
    ])
      await expect(query()).rejects.toMatchObject({
        code: "42501",
        message: expect.stringMatching(/^Sluice: unbounded-write: /),
        hint: expect.stringContaining("WHERE"),
      });
    expect((await client.query("SELECT count(*)::int AS n FROM customers")).rows).toEqual([{ n: 1000 }]);
    await client.end();
  });
});
