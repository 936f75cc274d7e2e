import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { type Forwarder, forwarder, startTwoDatabases, type TwoDatabases } from "./fixtures/two-databases.ts";
import { openWire } from "./fixtures/wire.ts";

let databases: TwoDatabases;
let site: TestSite | undefined;
const forwarders: Forwarder[] = [];

beforeAll(async () => {
  databases = await startTwoDatabases();
}, 60_000);
afterEach(async () => {
  await site?.close();
  await Promise.all(forwarders.splice(0).map((each) => each.cut()));
});
afterAll(() => databases?.close());

type Host = { readonly host: string; readonly port: number };

async function siteOf(hosts: readonly Host[], reach: object = {}): Promise<TestSite> {
  const [first = databases.primary, ...others] = hosts;
  const fallbacks = others.map(({ host, port }) => ({ host, port }));
  site = await startTestSite({
    upstream: { ...databases.upstream, host: first.host, port: first.port },
    reach: { fallbacks, ...reach },
    environment: "staging",
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
  return site;
}

async function through(to: Host | "silence"): Promise<Forwarder> {
  const made = await forwarder(to);
  forwarders.push(made);
  return made;
}

async function connect(at: TestSite): Promise<{ readonly client: pg.Client; readonly errors: Error[] }> {
  const errors: Error[] = [];
  const client = new pg.Client({
    host: "localhost",
    port: at.port,
    database: "shop",
    user: "ana",
    password: "token:ana",
    ssl: { ca: readFileSync(at.caFile, "utf8") },
    connectionTimeoutMillis: 15_000,
  });
  client.on("error", (cause) => errors.push(cause));
  await client.connect();
  return { client, errors };
}

/** Which server a fresh session came to. */
async function landsOn(at: TestSite): Promise<"primary" | "standby"> {
  const { client } = await connect(at);
  const { rows } = await client.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  await client.end();
  return rows[0]?.transaction_read_only === "on" ? "standby" : "primary";
}

test("a session comes to the host that has the wished role, in whatever order the hosts are listed", async () => {
  const { primary, standby } = databases;
  for (const [targetSession, expected] of [
    ["any", "standby"],
    ["read-write", "primary"],
    ["primary", "primary"],
    ["read-only", "standby"],
    ["standby", "standby"],
    ["prefer-standby", "standby"],
  ] as const) {
    const at = await siteOf([standby, primary], { targetSession });
    expect([targetSession, await landsOn(at)]).toEqual([targetSession, expected]);
    await at.close();
  }
  expect(await landsOn(await siteOf([primary, standby], { targetSession: "prefer-standby" }))).toBe("standby");
});

test("prefer-standby takes the primary when no standby answers", async () => {
  const gone = await through(databases.standby);
  const at = await siteOf([gone, databases.primary], { targetSession: "prefer-standby" });
  await gone.cut();
  expect(await landsOn(at)).toBe("primary");
});

test("a client's own default_transaction_read_only does not make a primary unfit for read-write sessions", async () => {
  const at = await siteOf([databases.primary], { targetSession: "read-write" });
  const client = await openWire(at, { params: { default_transaction_read_only: "on" } });
  expect(client.types()).toMatch(/Z$/);
  client.destroy();
});

test("a host that refuses or says nothing costs its time at most, and the next one serves the session", async () => {
  const dead = await through(databases.primary);
  const silent = await through("silence");
  const at = await siteOf([dead, silent, databases.primary], { connectTimeoutMs: 400 });
  await dead.cut();
  const started = performance.now();
  expect(await landsOn(at)).toBe("primary");
  // without a bound of its own the silent host would cost ten seconds
  expect(performance.now() - started).toBeLessThan(8_000);
});

test("a session whose host dies is told which one and what to do, and the next one works on another host", async () => {
  const first = await through(databases.primary);
  const second = await through(databases.primary);
  const at = await siteOf([first, second], { targetSession: "read-write" });
  const { client, errors } = await connect(at);
  await client.query("SELECT 1");
  const died = new Promise((resolve) => client.once("end", resolve));
  await first.cut();
  await died;
  expect(errors[0]).toMatchObject({
    code: "08006",
    message: expect.stringContaining(`Sluice: the upstream database at 127.0.0.1:${first.port} closed the connection`),
    hint: expect.stringContaining("connect again"),
  });
  expect(await landsOn(at)).toBe("primary");
});

test("when no host can be used the client is told of each what is wrong", async () => {
  const dead = await through(databases.primary);
  const at = await siteOf([dead, databases.standby], { targetSession: "read-write" });
  await dead.cut();
  await expect(connect(at)).rejects.toMatchObject({
    code: "08006",
    message: expect.stringMatching(
      new RegExp(`127\\.0\\.0\\.1:${dead.port}: .*; 127\\.0\\.0\\.1:${databases.standby.port}: it is a standby`),
    ),
  });
});

test("a refused login is not tried on every host", async () => {
  const at = await siteOf([databases.primary, databases.standby]);
  at.change((content) => {
    const [resource] = content.resources;
    if (!resource) throw new Error("no resource");
    return { ...content, resources: [{ ...resource, upstream: { ...resource.upstream, database: "nosuch" } }] };
  });
  const message = await connect(at).then(
    () => "connected",
    (cause: unknown) => String(cause),
  );
  expect(message).toContain(`:${databases.primary.port}: the upstream refused the connection (3D000)`);
  expect(message).not.toContain(`:${databases.standby.port}`);
});

test("a cancel reaches the server that runs the statement, not the first of the list", async () => {
  const at = await siteOf([databases.standby, databases.primary], { targetSession: "primary" });
  const client = await openWire(at);
  const key = client.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
  client.seen.length = 0;
  client.send(encode.query("SELECT count(*) FROM generate_series(1, 1000000000)"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const cancel = connectTcp({ host: "127.0.0.1", port: at.port });
  cancel.on("error", () => undefined);
  cancel.write(encode.cancelRequest(key.readInt32BE(0), key.subarray(4)));
  const answers = await client.answers();
  expect(answers.find(({ type }) => type === "E")?.code).toBe("57014");
  client.destroy();
});

test("the catalogue is read from the primary although sessions use the standby, and from a standby only while it must", async () => {
  const primary = await through(databases.primary);
  const at = await siteOf([databases.standby, primary], { targetSession: "standby" });
  expect(await landsOn(at)).toBe("standby");
  await primary.cut();
  const { client } = await connect(at);
  expect((await client.query("SELECT count(*)::int AS n FROM orders")).rows).toHaveLength(1);
  await client.end();
});
