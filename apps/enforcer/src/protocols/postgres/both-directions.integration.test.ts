import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite, type TestSiteOptions } from "./fixtures/test-site.ts";
import { bind, openWire, WireClient } from "./fixtures/wire.ts";

const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
const HUGE = "SELECT a.id, repeat('x', 1000) FROM orders a, orders b, orders c";
const DONE = encode.frame(0x63, Buffer.alloc(0));
const open: { close(): Promise<void> }[] = [];
let owner: pg.Client;

beforeAll(async () => {
  const { caFile, database, host, owner: login, port, user } = inject("upstream");
  owner = new pg.Client({ host, port, database, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
  await owner.query(`DROP TABLE IF EXISTS loud; CREATE TABLE loud (id int, note text);
    CREATE OR REPLACE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE NOTICE '%', repeat('!', 500); RETURN NEW; END $$;
    CREATE TRIGGER shout BEFORE INSERT ON loud FOR EACH ROW EXECUTE FUNCTION shout();
    GRANT ALL ON loud TO ${user}`);
});
afterAll(async () => {
  for (const site of open) await site.close();
  await owner?.query("DROP TABLE IF EXISTS loud; DROP FUNCTION IF EXISTS shout()");
  await owner?.end();
});

async function started(over: Partial<TestSiteOptions> = {}): Promise<TestSite> {
  const site = await startTestSite({ upstream: inject("upstream"), masking, environment: "staging", ...over });
  open.push(site);
  return site;
}

async function ready(site: TestSite): Promise<WireClient> {
  const wire = await openWire(site);
  await wire.answers();
  return wire;
}

async function goesOn(wire: WireClient): Promise<void> {
  wire.send(encode.query("SELECT 1"));
  expect((await wire.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
}

/** Waits until something holds, ten seconds at most. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("it did not come true in ten seconds");
    await sleep(50);
  }
}

/** Whether the upstream runs a statement with this text in it for the enforcer. */
async function runs(part: string): Promise<boolean> {
  const text = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1";
  const { caFile, database, host, password, port, user } = inject("upstream");
  const client = new pg.Client({ host, port, database, user, password, ssl: { ca: readFileSync(caFile, "utf8") } });
  await client.connect();
  try {
    const { rows } = await client.query(text, [`%${part}%`]);
    return rows.length > 0;
  } finally {
    await client.end();
  }
}

describe("a client", () => {
  test("that never reads its answer is closed after the idle time, what it asked for is stopped, others go on", {
    timeout: 30_000,
  }, async () => {
    const site = await started({ limits: { idleTimeoutMs: 1_500 } });
    const [deaf, other] = [await ready(site), await ready(site)];
    deaf.stopReading();
    deaf.send(encode.query(`${HUGE} -- never read`));
    await eventually(() => runs("never read"));
    for (let round = 0; round < 6; round++) {
      await sleep(400);
      await goesOn(other);
    }
    await eventually(() => site.host.sessionCount === 1);
    await eventually(async () => !(await runs("never read")));
    expect(site.finished.map(({ outcome }) => outcome.outcome.status)).toContain("aborted");
    other.destroy();
  });

  test("that sends without end and never reads is stopped in bounded memory, and closed", {
    timeout: 30_000,
  }, async () => {
    const site = await started({ limits: { idleTimeoutMs: 1_500 } });
    const deaf = await ready(site);
    deaf.stopReading();
    const before = process.memoryUsage().rss;
    const part = encode.query("SELECT repeat('x', 10000)");
    const parts = Buffer.concat(Array.from({ length: 2_000 }, () => part));
    // what is sent beyond what the enforcer takes waits in this process: no more than the kernel's buffers and one of these
    deaf.send(parts);
    await eventually(() => site.host.sessionCount === 0);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    deaf.destroy();
  });

  test("may send thirty thousand statements before the first answer, and gets them all in order", {
    timeout: 60_000,
  }, async () => {
    const wire = await ready(await started());
    const one = (at: number) => Buffer.concat([bind("", "s", [String(at)]), encode.execute("", 0), encode.sync()]);
    wire.send(encode.parse("s", "SELECT $1::int"), encode.sync());
    await wire.answers();
    const count = 30_000;
    for (let at = 0; at < count; at += 1_000)
      wire.send(...Array.from({ length: 1_000 }, (_one, index) => one(at + index)));
    await eventually(() => wire.seen.length >= count * 4 || wire.closed);
    const values = wire.seen.filter(({ type }) => type === "D").map(({ text }) => Number(text?.slice(6)));
    expect(values).toEqual(Array.from({ length: count }, (_one, at) => at));
    wire.destroy();
  });

  test("copies in while the server shouts at it, both directions full", { timeout: 60_000 }, async () => {
    const site = await started();
    site.answer = async () => ({ kind: "approved", approverIds: ["bo"], reason: "" });
    const wire = await ready(site);
    wire.send(encode.query("COPY loud FROM STDIN"));
    await wire.until(() => wire.types().includes("G"));
    const rows = 20_000;
    const part = Buffer.from(`1\t${"x".repeat(500)}\n`.repeat(100));
    for (let sent = 0; sent < rows; sent += 100) wire.send(encode.frame(0x64, part));
    wire.send(DONE);
    await eventually(() => wire.seen.at(-1)?.type === "Z");
    expect(wire.seen.filter(({ type }) => type === "N").length).toBeGreaterThanOrEqual(rows);
    expect(wire.seen.at(-2)).toMatchObject({ type: "C", text: `COPY ${rows}\0` });
    await wire.answers();
    await goesOn(wire);
    wire.destroy();
  });

  test("that ends its half of the connection ends its session, and the server's statement with it", {
    timeout: 30_000,
  }, async () => {
    const site = await started();
    const wire = await ready(site);
    wire.send(encode.query(`${HUGE} -- half closed`));
    await eventually(() => runs("half closed"));
    wire.end();
    await eventually(() => site.host.sessionCount === 0);
    await eventually(async () => !(await runs("half closed")));
  });
});

/** A client that was asked for its token and has not sent it. */
async function shakingHands(site: TestSite): Promise<WireClient> {
  const socket = connectTcp({ host: "127.0.0.1", port: site.port });
  socket.write(encode.sslRequest());
  await once(socket, "data");
  const secure = connectTls({ socket, servername: "localhost", ca: readFileSync(site.caFile) });
  await once(secure, "secureConnect");
  const wire = new WireClient(secure);
  wire.send(encode.startupMessage(196_608, { user: "ana", database: "shop" }));
  await wire.until(() => wire.types() === "R");
  return wire;
}

/** Stands between the enforcer and the upstream: `stop` takes and gives nothing more, `halfClose` ends what it gives. */
async function between(): Promise<{ port: number; stop(): void; halfClose(): void; close(): void }> {
  const { host, port } = inject("upstream");
  const pairs: [Socket, Socket][] = [];
  let stopped = false;
  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => near.destroy());
    if (stopped) return;
    const far = connectTcp({ host, port, allowHalfOpen: true });
    pairs.push([near, far]);
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
    near.on("close", () => far.destroy());
    near.on("data", (chunk) => void far.write(chunk));
    far.on("data", (chunk) => void near.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    stop() {
      stopped = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    halfClose() {
      for (const [near] of pairs) near.end();
    },
    close() {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}

describe("an upstream", () => {
  test("that reads and answers nothing more is left when its client goes, after the idle time if that cannot be seen, and takes no memory", {
    timeout: 30_000,
  }, async () => {
    const link = await between();
    const limits = { idleTimeoutMs: 3_000 };
    const site = await started({ upstream: { ...inject("upstream"), port: link.port }, limits });
    const [first, second] = [await openWire(site), await ready(site)];
    await first.answers();
    first.send(encode.query("COPY loud FROM STDIN"));
    await first.until(() => first.types().includes("G"));
    link.stop();
    const before = process.memoryUsage().rss;
    second.send(encode.query("SELECT 1"));
    const part = encode.frame(0x64, Buffer.alloc(60_000, "1\tx\n"));
    for (let sent = 0; sent < 300; sent++) first.send(part);
    await sleep(1_000);
    expect(site.host.sessionCount).toBe(2);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20);
    second.destroy();
    await eventually(() => site.host.sessionCount === 1);
    await eventually(() => site.host.sessionCount === 0);
    expect(site.finished.filter(({ outcome }) => outcome.outcome.status === "aborted")).toHaveLength(2);
    link.close();
  });

  test("that ends its half of the connection ends that session with its cause", async () => {
    const link = await between();
    const site = await started({ upstream: { ...inject("upstream"), port: link.port } });
    const wire = await ready(site);
    wire.send(encode.query("SELECT pg_sleep(20)"));
    await sleep(200);
    link.halfClose();
    await wire.until(() => wire.closed);
    expect(wire.seen.at(-1)).toMatchObject({ type: "E", code: "08006" });
    expect(site.host.sessionCount).toBe(0);
    link.close();
  });
});

describe("an enforcer that stops", () => {
  const SHUTDOWN = { kind: "shutdown", reason: "the enforcer stops" } as const;

  test("ends who is idle at once, lets what runs and open transactions end in their time, and takes nobody new", {
    timeout: 30_000,
  }, async () => {
    const site = await started();
    const [idle, busy, writer] = [await ready(site), await ready(site), await ready(site)];
    writer.send(encode.query("BEGIN; UPDATE orders SET status = 'last' WHERE id = 3"));
    await writer.answers();
    busy.send(encode.query("SELECT count(*) FROM orders a, orders b, generate_series(1, 2) g -- in time"));
    await eventually(() => runs("in time"));
    const closed = site.host.close(SHUTDOWN, 20_000);
    await idle.until(() => idle.closed);
    expect(idle.seen.at(-1)).toMatchObject({ type: "E", code: "57P01", text: "Sluice: the enforcer stops" });
    const late = connectTcp({ host: "127.0.0.1", port: site.port });
    await expect(once(late, "connect")).rejects.toThrow("ECONNREFUSED");
    writer.send(encode.query("ROLLBACK"));
    expect((await writer.answers()).map(({ type }) => type).join("")).toBe("CZ");
    await eventually(() => busy.types().includes("Z"));
    expect((await busy.answers()).map(({ type }) => type).join("")).toBe("TDCZ");
    for (const wire of [busy, writer]) {
      await wire.until(() => wire.closed);
      expect(wire.seen.at(-1)).toMatchObject({ type: "E", code: "57P01" });
    }
    await closed;
  });

  test("starts no session that was still shaking hands", { timeout: 30_000 }, async () => {
    const site = await started();
    const late = await shakingHands(site);
    const closed = site.host.close(SHUTDOWN, 500);
    await sleep(1_000);
    late.send(encode.saslResponse(Buffer.from("token:ana\0")));
    await late.until(() => late.closed);
    expect(late.seen.at(-1)).toMatchObject({ type: "E", code: "57P01", text: "Sluice: the enforcer stops" });
    await closed;
    expect(site.host.sessionCount).toBe(0);
  });

  test("ends what is still there after that time with 57P01, and stops it upstream", { timeout: 30_000 }, async () => {
    const site = await started();
    const [busy, open_, deaf] = [await ready(site), await ready(site), await ready(site)];
    open_.send(encode.query("BEGIN"));
    await open_.answers();
    busy.send(encode.query("SELECT count(*) FROM orders a, orders b, orders c -- too long"));
    deaf.stopReading();
    deaf.send(encode.query(`${HUGE} -- too long`));
    await eventually(() => runs("too long"));
    const before = Date.now();
    await site.host.close(SHUTDOWN, 500);
    expect(Date.now() - before).toBeLessThan(5_000);
    for (const wire of [busy, open_]) {
      await wire.until(() => wire.closed);
      expect(wire.seen.at(-1)).toMatchObject({ type: "E", code: "57P01" });
    }
    await eventually(async () => !(await runs("too long")));
    expect(site.finished.filter(({ outcome }) => outcome.outcome.status === "aborted")).toHaveLength(2);
    deaf.destroy();
  });
});
