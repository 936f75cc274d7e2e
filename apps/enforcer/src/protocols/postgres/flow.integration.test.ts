import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire } from "./fixtures/wire.ts";

const APPROVED = { kind: "approved", approverIds: ["bo"], reason: "" } as const;
const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
let site: TestSite;
let owner: pg.Client;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({
    host: upstream.host,
    port: upstream.port,
    database: upstream.database,
    user: upstream.owner.user,
    password: upstream.owner.password,
    ssl: { ca: readFileSync(upstream.caFile, "utf8") },
  });
  await owner.connect();
  await owner.query("DROP TABLE IF EXISTS imported");
  await owner.query("CREATE TABLE imported (id int, name text)");
  await owner.query(`GRANT ALL ON imported TO ${upstream.user}`);
  site = await startTestSite({ upstream, masking });
});
afterAll(async () => {
  await site?.close();
  await owner?.query("DROP TABLE IF EXISTS imported");
  await owner?.end();
});
beforeEach(() => {
  site.answer = async () => APPROVED;
  site.finished.length = 0;
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user: "ana",
    password: "token:ana",
    ssl: { ca: readFileSync(site.caFile, "utf8") },
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    }),
  );
}

describe("COPY", () => {
  test("takes rows in over the simple protocol, in frames of any size", async () => {
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.query("COPY imported FROM STDIN"));
    await wire.until(() => wire.types().includes("G"));
    const data = Array.from({ length: 5_000 }, (_, index) => `${index}\tname ${"x".repeat(50)}\n`).join("");
    const half = data.length / 3;
    for (const part of [data.slice(0, half), data.slice(half)]) wire.send(encode.frame(0x64, Buffer.from(part)));
    wire.send(encode.frame(0x63, Buffer.alloc(0)), encode.query("SELECT 1"));
    const answer = await wire.answers(2);
    expect(answer.map(({ type }) => type).join("")).toMatch(/^N*GCZTDCZ$/);
    expect((await owner.query("SELECT count(*)::int AS n FROM imported")).rows[0]?.n).toBe(5_000);
    wire.destroy();
  });

  test("takes rows in over the extended protocol, its early Sync ignored as the server would", async () => {
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.parse("", "COPY imported FROM STDIN"), bind("", ""), encode.execute("", 0), encode.sync());
    await wire.until(() => wire.types().includes("G"));
    wire.send(encode.frame(0x64, Buffer.from("1\tone\n")), encode.frame(0x63, Buffer.alloc(0)), encode.sync());
    const types = (await wire.answers()).map(({ type }) => type).join("");
    expect(types.replaceAll("N", "")).toBe("12GCZ");
    wire.send(encode.parse("", "COPY imported FROM STDIN"), bind("", ""), encode.execute("", 0), encode.sync());
    await wire.until(() => wire.types().includes("G"));
    wire.send(encode.frame(0x66, Buffer.from("changed my mind\0")), encode.sync());
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("57014");
    wire.send(encode.query("SELECT 1"));
    expect((await wire.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
    wire.destroy();
  });

  test("gives rows out masked", async () => {
    const { rows } = await owner.query<{ email: string }>("SELECT email FROM customers WHERE id = 1");
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.query("COPY (SELECT id, email FROM customers WHERE id = 1) TO STDOUT"));
    const answer = await wire.answers();
    expect(answer.map(({ type }) => type).join("")).toMatch(/^N*HdcCZ$/);
    expect(answer.map(({ text }) => text).join("")).not.toContain(rows[0]?.email);
    expect(site.finished.at(-1)?.outcome.outcome.maskedCells).toEqual({ email: 1 });
    wire.destroy();
  });
});

describe("a large answer", () => {
  test("passes in constant memory, also to a client that reads slowly, with back-pressure on the upstream", async () => {
    const wire = await openWire(site);
    await wire.answers();
    const sql = "SELECT g, repeat('x', 200) FROM generate_series(1, 400000) g";
    const before = process.memoryUsage().rss;
    let peak = before;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const rows = await wire.count(encode.query(sql), 3);
    clearInterval(timer);
    expect(rows).toBe(400_000);
    expect(peak - before).toBeLessThan(120 * 2 ** 20);
    expect(site.finished.at(-1)?.outcome.outcome.rows).toBe(400_000);
    wire.destroy();
  });

  test("passes masked in constant memory", async () => {
    const wire = await openWire(site);
    await wire.answers();
    const sql = "SELECT c.id, c.email, c.city FROM customers c, generate_series(1, 300) g";
    const before = process.memoryUsage().rss;
    expect(await wire.count(encode.query(sql), 0)).toBe(300_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * 2 ** 20);
    expect(site.finished.at(-1)?.outcome.outcome.maskedCells).toEqual({ email: 300_000 });
    wire.destroy();
  });

  test("passes single values larger than any buffer", async () => {
    const client = await connect();
    const { rows } = await client.query("SELECT repeat('y', 5000000) AS big, 1 AS one");
    expect(rows[0]?.big).toHaveLength(5_000_000);
    const echoed = await client.query("SELECT length($1) AS n", ["z".repeat(3_000_000)]);
    expect(echoed.rows).toEqual([{ n: 3_000_000 }]);
    await client.end();
  });

  test("comes in pieces through a portal with a row limit", async () => {
    const wire = await openWire(site);
    await wire.answers();
    wire.send(encode.parse("", "SELECT g FROM generate_series(1, 5) g"), bind("p", ""));
    wire.send(encode.execute("p", 2), encode.execute("p", 2), encode.execute("p", 2), encode.sync());
    expect((await wire.answers()).map(({ type }) => type).join("")).toBe("12DDsDDsDCZ");
    expect(site.finished.at(-1)?.outcome.outcome.rows).toBe(5);
    wire.destroy();
  });
});

describe("the upstream", () => {
  test("is asked to cancel what runs, and the session goes on", async () => {
    const wire = await openWire(site);
    const key = wire.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
    await wire.answers();
    wire.send(encode.query("SELECT count(*) FROM generate_series(1, 1000000000)"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const wrong = Buffer.from(key.subarray(4)).fill(1);
    for (const secret of [wrong, key.subarray(4)]) {
      const cancel = connectTcp({ host: "127.0.0.1", port: site.port });
      cancel.on("error", () => undefined);
      cancel.write(encode.cancelRequest(key.readInt32BE(0), secret));
    }
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("57014");
    wire.send(encode.query("SELECT 1"));
    expect((await wire.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
    wire.destroy();
  });

  test("that dies in the middle of a result ends that session alone, with its cause", async () => {
    const { host, port } = inject("upstream");
    const links: Socket[] = [];
    const between = createServer((near) => {
      const far = connectTcp({ host, port });
      links.push(far);
      near.on("error", () => far.destroy()).on("close", () => far.destroy());
      far.on("error", () => near.destroy()).on("close", () => near.destroy());
      near.pipe(far).pipe(near);
    });
    const proxied = await startTestSite({ upstream: { ...inject("upstream"), port: await listen(between) }, masking });
    const wire = await openWire(proxied);
    const bystander = await connect();
    await wire.answers();
    wire.send(encode.query("SELECT g FROM generate_series(1, 100000000) g"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const link of links) link.destroy();
    await wire.until(() => wire.closed);
    expect(wire.seen.at(-1)).toMatchObject({ type: "E", code: "08006" });
    expect(proxied.finished.some(({ outcome }) => outcome.outcome.status === "aborted")).toBe(true);
    await expect(bystander.query("SELECT 1")).resolves.toBeDefined();
    await bystander.end();
    await proxied.close();
    between.close();
  });

  test("that is not there is named with 08006", async () => {
    const gone = createServer();
    const port = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const lost = await startTestSite({ upstream: { ...inject("upstream"), port }, masking });
    const wire = await openWire(lost);
    expect(wire.seen.at(-1)?.code).toBe("08006");
    await lost.close();
  });

  test("with a certificate of another authority is not talked to", async () => {
    const other = await startTestSite({ upstream: { ...inject("upstream"), caFile: site.caFile }, masking });
    const wire = await openWire(other);
    expect(wire.seen.at(-1)).toMatchObject({ code: "08006" });
    await other.close();
  });
});

describe("obligations", () => {
  test("cut an answer off after so many rows, with a notice that says so, over both protocols", async () => {
    const obligations =
      '@id("few-rows") @description("Few rows at a time.") @limit_rows("10") permit (principal, action == Action::"sql.read.select", resource);';
    const limited = await startTestSite({ upstream: inject("upstream"), masking, obligations });
    const wire = await openWire(limited);
    await wire.answers();
    const ask = [encode.parse("", "SELECT id FROM orders"), bind("", ""), encode.execute("", 0), encode.sync()];
    for (const frames of [[encode.query("SELECT id FROM orders")], ask]) {
      wire.send(...frames);
      const answer = await wire.answers();
      expect(answer.filter(({ type }) => type === "D")).toHaveLength(10);
      expect(answer.find(({ type }) => type === "N")?.text).toContain("cut off after 10 rows");
      expect(answer.find(({ type }) => type === "C")?.text).toBe("SELECT 10\0");
    }
    wire.destroy();
    await limited.close();
  });

  test("cut an answer off after so many bytes, and stop a huge one, over both protocols and COPY", async () => {
    const limited = await startTestSite({
      upstream: inject("upstream"),
      masking,
      obligations: obligation('@limit_bytes("2000")'),
    });
    limited.answer = async () => APPROVED;
    const wire = await openWire(limited);
    await wire.answers();
    const huge = "SELECT a.id, repeat('x', 80) FROM orders a, orders b, orders c";
    for (const frames of [
      [encode.query(huge)],
      [encode.parse("", huge), bind("", ""), encode.execute("", 0), encode.sync()],
      [encode.query("COPY (SELECT id, repeat('x', 80) FROM orders) TO STDOUT")],
      [encode.query("COPY (SELECT id, repeat('x', 80) FROM orders) TO STDOUT (FORMAT binary)")],
    ]) {
      wire.send(...frames);
      const answer = await wire.answers();
      const rows = answer.filter(({ type }) => type === "D" || type === "d");
      expect(answer.filter(({ type }) => type === "E")).toEqual([]);
      expect(rows.length).toBeGreaterThan(10);
      expect(rows.length).toBeLessThan(25);
      expect(answer.find(({ type, text }) => type === "N" && text?.includes("policy allows 2000 bytes"))).toBeDefined();
      expect(answer.find(({ type }) => type === "C")?.text).toMatch(/^(SELECT|COPY) 1\d\0$|^(SELECT|COPY) 2\d\0$/);
      expect(answer.at(-1)?.type).toBe("Z");
    }
    expect(limited.finished.at(-1)?.outcome.outcome).toMatchObject({ status: "ok" });
    wire.destroy();
    await limited.close();
  });

  test("stop a statement at its time limit with 57014, and the session goes on", async () => {
    const limited = await startTestSite({
      upstream: inject("upstream"),
      masking,
      obligations: obligation('@limit_time("200ms")'),
    });
    const wire = await openWire(limited);
    await wire.answers();
    const slow = "SELECT count(*) FROM orders a, orders b, orders c";
    for (const frames of [
      [encode.query(slow)],
      [encode.parse("", slow), bind("", ""), encode.execute("", 0), encode.sync()],
    ]) {
      wire.send(...frames);
      const error = (await wire.answers()).find(({ type }) => type === "E");
      expect(error).toMatchObject({ code: "57014", text: expect.stringMatching(/^Sluice: .*time limit of 200 ms/) });
    }
    wire.send(encode.query("SELECT id FROM orders WHERE id = 1"));
    expect((await wire.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
    wire.destroy();
    await limited.close();
  });

  test("refuse what comes too often with 53400 and say when to come again, recorded", async () => {
    const limited = await startTestSite({
      upstream: inject("upstream"),
      masking,
      obligations: obligation('@limit_rate("3")'),
    });
    const wire = await openWire(limited);
    await wire.answers();
    const ask = [
      encode.parse("", "SELECT id FROM orders WHERE id = 1"),
      bind("", ""),
      encode.execute("", 0),
      encode.sync(),
    ];
    for (let count = 0; count < 3; count++) {
      wire.send(...ask);
      expect((await wire.answers()).some(({ type }) => type === "E")).toBe(false);
    }
    for (const frames of [ask, [encode.query("SELECT id FROM orders WHERE id = 1")]]) {
      wire.send(...frames);
      const error = (await wire.answers()).find(({ type }) => type === "E");
      expect(error).toMatchObject({
        code: "53400",
        text: expect.stringMatching(/^Sluice: limit\.rate: ana has reached the 3/),
      });
      expect(error?.body.toString()).toMatch(/try again in \d+ s/);
    }
    wire.send(encode.query("SELECT 1"));
    expect((await wire.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
    expect(limited.drafts.filter(({ reason }) => reason?.startsWith("limit.rate"))).toHaveLength(2);
    wire.destroy();
    await limited.close();
  });
});

describe("limits", () => {
  test("on sessions are said with 53300, on idleness with 57P05", async () => {
    const small = await startTestSite({
      upstream: inject("upstream"),
      masking,
      limits: { sessionsMax: 1, idleTimeoutMs: 300 },
    });
    const first = await openWire(small);
    const second = await openWire(small);
    expect(second.seen.at(-1)?.code).toBe("53300");
    await first.until(() => first.closed);
    expect(first.seen.at(-1)?.code).toBe("57P05");
    await small.close();
  });

  test("on the handshake's time close a client that says nothing", async () => {
    const quick = await startTestSite({ upstream: inject("upstream"), masking, limits: { handshakeTimeoutMs: 200 } });
    const silent = connectTcp({ host: "127.0.0.1", port: quick.port });
    silent.on("error", () => undefined);
    await new Promise((resolve) => silent.once("close", resolve));
    await quick.close();
  });
});

/** A limit on every read of a table. */
function obligation(limit: string): string {
  return `@id("limited") @description("A limit for this test.") ${limit} permit (principal, action == Action::"sql.read.select", resource is Table);`;
}
