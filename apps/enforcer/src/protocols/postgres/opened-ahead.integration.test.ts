import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";

const EVERYTHING = `
@id("test-everything") permit (principal, action, resource);
`;
let site: TestSite;
/** the enforcer's own login, past the enforcer: it sees its connections */
let login: pg.Client;

beforeAll(async () => {
  const upstream = inject("upstream");
  const { database, host, password, port, user } = upstream;
  const ssl = { ca: readFileSync(upstream.caFile, "utf8") };
  login = new pg.Client({ host, port, database, user, password, ssl });
  await login.connect();
  site = await startTestSite({
    upstream,
    environment: "staging",
    access: EVERYTHING,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
});
afterAll(async () => {
  await site?.close();
  await login?.end();
});

/** One session from its beginning to its end; the process that served it. */
async function session(name: string, user = "ana"): Promise<number> {
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user,
    password: `token:${user}`,
    application_name: name,
    ssl: { ca: readFileSync(site.caFile, "utf8") },
  });
  await client.connect();
  const { rows } = await client.query<{ pid: number; application_name: string }>(
    "SELECT pg_backend_pid() AS pid, current_setting('application_name') AS application_name",
  );
  await client.end();
  expect(rows[0]?.application_name).toBe(name);
  return rows[0]?.pid ?? 0;
}

/** The processes of this name that wait at the server, never asked anything. */
async function waiting(name: string): Promise<number[]> {
  const { rows } = await login.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND state = 'idle' AND query = ''",
    [name],
  );
  return rows.map(({ pid }) => pid);
}

async function oneWaits(name: string): Promise<number> {
  await vi.waitFor(async () => expect(await waiting(name)).toHaveLength(1));
  const [pid] = await waiting(name);
  return pid ?? 0;
}

describe("a connection that is opened ahead", () => {
  test("serves the next session, whoever's it is, and no other", async () => {
    const used = [await session("next"), await session("next")];
    const third = await oneWaits("next");
    expect(used).not.toContain(third);
    expect(await session("next", "bo")).toBe(third);
    expect(await session("next")).not.toBe(third);
  });

  test("is not missed when the server ended it", async () => {
    await session("ended");
    await session("ended");
    const pid = await oneWaits("ended");
    await login.query("SELECT pg_terminate_backend($1)", [pid]);
    await vi.waitFor(async () => expect(await waiting("ended")).not.toContain(pid));
    expect(await session("ended")).not.toBe(pid);
  });

  test("ends when the bundle changes, since the login or the rights may be others", async () => {
    await session("changed");
    await session("changed");
    await oneWaits("changed");
    site.change((content) => content);
    await vi.waitFor(async () => expect(await waiting("changed")).toHaveLength(0));
  });
});
