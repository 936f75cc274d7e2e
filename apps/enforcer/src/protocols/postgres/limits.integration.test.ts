import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type SeenMessage, type WireClient } from "./fixtures/wire.ts";

const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
const open: { close(): Promise<void> }[] = [];
let owner: pg.Client;

beforeAll(async () => {
  const { caFile, database, host, owner: login, port, user } = inject("upstream");
  owner = new pg.Client({ host, port, database, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
  await owner.query("DROP TABLE IF EXISTS limited_in; CREATE TABLE limited_in (id int, note text)");
  await owner.query(`GRANT ALL ON limited_in TO ${user}`);
});
afterAll(async () => {
  for (const site of open) await site.close();
  await owner?.query("DROP TABLE IF EXISTS limited_in");
  await owner?.end();
});

/** A site outside of production where everything about tables has this limit, and a client of it. */
async function limited(limit: string): Promise<{ readonly site: TestSite; readonly wire: WireClient }> {
  const obligations = `@id("limited") @description("A limit for this test.") ${limit} permit (principal, action, resource is Table);`;
  const site = await startTestSite({ upstream: inject("upstream"), masking, environment: "staging", obligations });
  open.push(site);
  const wire = await openWire(site);
  await wire.answers();
  return { site, wire };
}

const query = async (wire: WireClient, text: string) => {
  wire.send(encode.query(text));
  return wire.answers();
};
const types = (answer: readonly SeenMessage[]) => answer.map(({ type }) => type).join("");
const found = (answer: readonly SeenMessage[], type: string) => answer.find((message) => message.type === type);
const executed = (text: string, rowsMax = 0) => [
  encode.parse("", text),
  bind("", ""),
  encode.execute("", rowsMax),
  encode.sync(),
];
const data = (text: string | Buffer) => encode.frame(0x64, Buffer.from(text));
const DONE = encode.frame(0x63, Buffer.alloc(0));

/** The last record's end: what was counted, and the reason it gives. */
function record(site: TestSite) {
  const { outcome, reason } = site.finished.at(-1)?.outcome ?? {};
  return { status: outcome?.status, rows: outcome?.rows, error: outcome?.error, reason };
}

async function goesOn(wire: WireClient): Promise<void> {
  expect(types(await query(wire, "SELECT 1"))).toBe("TDCZ");
}

const ORDERS = "SELECT id, status FROM orders ORDER BY id";

describe("a limit of rows", () => {
  const CUT = { status: "ok", rows: 5, error: undefined, reason: "limit.rows: policy allows 5 rows" };
  const NOTICE = /^Sluice: the answer was cut off after 5 rows: policy allows 5 rows$/;

  test.each<[string, Buffer[], string, string]>([
    ["SELECT", [encode.query(ORDERS)], "TDDDDDNCZ", "SELECT 5"],
    ["SELECT by the extended protocol", executed(ORDERS), "12DDDDDNCZ", "SELECT 5"],
    [
      "UPDATE RETURNING, whose tag tells all that it changed",
      [encode.query("UPDATE orders SET status = status WHERE id <= 8 RETURNING id")],
      "TDDDDDNCZ",
      "UPDATE 8",
    ],
    ["COPY in text", [encode.query(`COPY (${ORDERS}) TO STDOUT`)], "HdddddNcCZ", "COPY 5"],
    [
      "COPY in csv with a header, which is no row",
      [encode.query(`COPY (${ORDERS}) TO STDOUT CSV HEADER`)],
      "HddddddNcCZ",
      "COPY 5",
    ],
    ["COPY in binary, with its end mark", [encode.query(`COPY (${ORDERS}) TO STDOUT BINARY`)], "HddddddNcCZ", "COPY 5"],
    [
      "COPY of masked columns",
      [encode.query("COPY (SELECT id, email FROM customers) TO STDOUT CSV HEADER")],
      "HddddddNcCZ",
      "COPY 5",
    ],
  ])("cuts %s after them, says so in a notice and in the record", async (_what, frames, shape, tag) => {
    const { site, wire } = await limited('@limit_rows("5")');
    wire.send(...frames);
    const answer = await wire.answers();
    // the notice stands before the end of the answer, wherever COPY has its own
    expect(types(answer).replace("cN", "Nc")).toBe(shape);
    expect(found(answer, "N")?.text).toMatch(NOTICE);
    expect(found(answer, "C")?.text).toBe(`${tag}\0`);
    await goesOn(wire);
    expect(site.finished.at(-2)?.outcome).toMatchObject({ reason: CUT.reason, outcome: { status: "ok", rows: 5 } });
    wire.destroy();
  });

  test.each<[string, string, string]>([
    ["SELECT", `${ORDERS} LIMIT 5`, "TDDDDDCZ"],
    ["COPY in text", `COPY (${ORDERS} LIMIT 5) TO STDOUT`, "HdddddcCZ"],
    ["COPY in csv with a header", `COPY (${ORDERS} LIMIT 5) TO STDOUT CSV HEADER`, "HddddddcCZ"],
    ["COPY in binary", `COPY (${ORDERS} LIMIT 5) TO STDOUT BINARY`, "HddddddcCZ"],
    ["COPY in binary without rows", `COPY (${ORDERS} LIMIT 0) TO STDOUT BINARY`, "HdcCZ"],
    ["a masked COPY in binary", "COPY (SELECT id, email FROM customers LIMIT 5) TO STDOUT BINARY", "HddddddcCZ"],
  ])("passes %s that just meets it, without a notice", async (_what, text, shape) => {
    const { site, wire } = await limited('@limit_rows("5")');
    expect(types(await query(wire, text))).toBe(shape);
    expect(record(site).reason).toBeUndefined();
    wire.destroy();
  });

  test("is not passed by rows that look like the end mark of COPY in binary", async () => {
    const { wire } = await limited('@limit_rows("5")');
    for (const bytes of [15, 0]) {
      const answer = await query(
        wire,
        `COPY (SELECT decode(repeat('ff', ${bytes}), 'hex') FROM orders) TO STDOUT BINARY`,
      );
      expect(types(answer)).toContain("N");
      expect(found(answer, "C")?.text).toBe("COPY 5\0");
    }
    wire.destroy();
  });

  test("counts over the pages of a portal, and says at the page where it is reached that there is no more", async () => {
    const { site, wire } = await limited('@limit_rows("5")');
    wire.send(
      encode.parse("", ORDERS),
      bind("p", ""),
      encode.execute("p", 3),
      encode.execute("p", 3),
      encode.execute("p", 3),
      encode.sync(),
    );
    const answer = await wire.answers();
    expect(types(answer)).toBe("12DDDsDDNssZ");
    await goesOn(wire);
    expect(site.finished.map(({ outcome }) => outcome.reason)).toContain(CUT.reason);
    wire.destroy();
  });

  test("holds for each FETCH of a cursor, and tells that the cursor went past what is missing", async () => {
    const { wire } = await limited('@limit_rows("5")');
    await query(wire, `BEGIN; DECLARE c CURSOR FOR ${ORDERS}`);
    expect(types(await query(wire, "FETCH 3 FROM c"))).toBe("TDDDCZ");
    const cut = await query(wire, "FETCH 10 FROM c");
    expect(types(cut)).toBe("TDDDDDNCZ");
    expect(found(cut, "N")?.body.toString()).toContain("the cursor went past the rows that are missing");
    const next = await query(wire, "FETCH 1 FROM c");
    expect(found(next, "D")?.body.toString("latin1")).toContain("14");
    expect(types(await query(wire, "COMMIT"))).toBe("CZ");
    wire.destroy();
  });

  test("leaves a transaction as it is: what was cut is no error", async () => {
    const { wire } = await limited('@limit_rows("5")');
    await query(wire, "BEGIN");
    await query(wire, "UPDATE orders SET status = 'cut' WHERE id = 1");
    expect((await query(wire, ORDERS)).at(-1)?.text).toBe("T");
    const seen = await query(wire, "SELECT status FROM orders WHERE id = 1");
    expect(found(seen, "D")?.text).toContain("cut");
    expect((await query(wire, "ROLLBACK")).at(-1)?.text).toBe("I");
    wire.destroy();
  });

  test.each<[string, string, readonly string[], readonly string[]]>([
    [
      "text",
      "COPY limited_in FROM STDIN",
      ["1\ta\\\nb\n2\tb\n3\tc\n4\td\n5\te\n"],
      ["1\ta\n2\tb\n3\t", "c\n4\td\n5\te\n6", "\tf\n"],
    ],
    [
      "csv",
      "COPY limited_in FROM STDIN CSV HEADER",
      ['id,note\n1,"a\n"\n2,b\n3,c\n4,d\n5,e'],
      ["id,note\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n"],
    ],
  ])(
    "is one for what is copied in as well, which is then taken whole or not at all: %s",
    async (_form, text, within, beyond) => {
      const { site, wire } = await limited('@limit_rows("5")');
      for (const frames of [[encode.query(text)], executed(text)]) {
        await owner.query("TRUNCATE limited_in");
        for (const parts of [within, beyond]) {
          wire.send(...frames);
          await wire.until(() => wire.types().includes("G"));
          wire.send(...parts.map(data), DONE, ...(frames.length > 1 ? [encode.sync()] : []));
          const answer = await wire.answers();
          const error = found(answer, "E");
          if (parts === within) expect(error).toBeUndefined();
          else
            expect(error).toMatchObject({
              code: "54000",
              text: expect.stringMatching(/^Sluice: limit\.rows: .*nothing of it kept: policy allows 5 rows$/),
            });
        }
        expect(record(site)).toMatchObject({ status: "error", reason: "limit.rows: policy allows 5 rows" });
        await goesOn(wire);
        expect((await owner.query("SELECT count(*)::int AS n FROM limited_in")).rows).toEqual([{ n: 5 }]);
      }
      wire.destroy();
    },
  );

  test("also ends a COPY whose rows come as one large message, and fails its transaction", async () => {
    const { wire } = await limited('@limit_rows("5")');
    await query(wire, "BEGIN");
    wire.send(encode.query("COPY limited_in FROM STDIN"));
    await wire.until(() => wire.types().includes("G"));
    const frame = data("7\tseven\n".repeat(40_000));
    wire.send(frame.subarray(0, 40_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    wire.send(frame.subarray(40_000), DONE, encode.query("SELECT 1"), encode.query("ROLLBACK"));
    const answer = await wire.answers(3);
    expect(answer.filter(({ type }) => type === "E").map(({ code }) => code)).toEqual(["54000", "25P02"]);
    expect((await owner.query("SELECT count(*)::int AS n FROM limited_in WHERE id = 7")).rows).toEqual([{ n: 0 }]);
    await goesOn(wire);
    wire.destroy();
  });
});

describe("a limit of bytes", () => {
  test("cuts COPY in binary before its first row to a COPY without rows, which can still be read", async () => {
    const { site, wire } = await limited('@limit_bytes("20")');
    const answer = await query(wire, "COPY (SELECT repeat('x', 100) FROM orders) TO STDOUT BINARY");
    expect(found(answer, "C")?.text).toBe("COPY 0\0");
    const sent = Buffer.concat(answer.filter(({ type }) => type === "d").map(({ body }) => body));
    expect(sent.toString("latin1")).toBe("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\xff\xff");
    expect(record(site)).toMatchObject({ rows: 0, reason: "limit.bytes: policy allows 20 bytes" });
    wire.destroy();
  });

  test("ends a COPY from the client that sends more, keeps nothing of it and goes on", async () => {
    const { site, wire } = await limited('@limit_bytes("10000")');
    wire.send(encode.query("COPY limited_in FROM STDIN"));
    await wire.until(() => wire.types().includes("G"));
    const part = data(`8\t${"x".repeat(3_000)}\n`);
    for (let sent = 0; sent < 20; sent++) wire.send(part);
    wire.send(DONE);
    const error = found(await wire.answers(), "E");
    expect(error).toMatchObject({ code: "54000", text: expect.stringContaining("limit.bytes: the COPY was ended") });
    expect(record(site)).toMatchObject({ status: "error", reason: "limit.bytes: policy allows 10000 bytes" });
    expect((await owner.query("SELECT count(*)::int AS n FROM limited_in WHERE id = 8")).rows).toEqual([{ n: 0 }]);
    await goesOn(wire);
    wire.destroy();
  });
});

describe("a limit of time", () => {
  const STOPPED = {
    code: "57014",
    text: expect.stringMatching(/^Sluice: limit\.time: the statement was stopped: .*300 ms$/),
  };
  const REASON = "limit.time: policy sets a time limit of 300 ms";
  const SLOW = "SELECT count(*) FROM orders a, orders b, orders c";
  const MANY = `SELECT count(*) FROM orders o0${Array.from({ length: 800 }, (_one, at) => ` JOIN orders o${at + 1} USING (id)`).join("")}`;

  test.each<[string, Buffer[]]>([
    ["a Query", [encode.query(SLOW)]],
    ["an Execute", executed(SLOW)],
    ["a FETCH", [encode.query("FETCH 1 FROM c")]],
    ["a COPY out", [encode.query(`COPY (${SLOW}) TO STDOUT`)]],
    ["an UPDATE", [encode.query(`UPDATE orders SET status = status WHERE id = 1 AND (${SLOW}) > 0`)]],
  ])("stops %s with an error and a record that say so, and the session goes on", async (_what, frames) => {
    const { site, wire } = await limited('@limit_time("300ms")');
    await query(wire, "BEGIN");
    await query(wire, `DECLARE c CURSOR FOR ${SLOW}`);
    wire.send(...frames);
    const stopped = await wire.answers();
    expect(found(stopped, "E")).toMatchObject(STOPPED);
    expect(stopped.at(-1)?.text).toBe("E");
    expect(record(site)).toMatchObject({ status: "error", error: "57014", reason: REASON });
    await query(wire, "ROLLBACK");
    await goesOn(wire);
    wire.destroy();
  });

  test("is one for planning too: a Bind that is never executed is stopped, and recorded", {
    timeout: 60_000,
  }, async () => {
    const { site, wire } = await limited('@limit_time("300ms")');
    const started = Date.now();
    wire.send(encode.parse("", MANY), bind("", ""), encode.sync());
    await wire.until(() => wire.types().includes("Z") || Date.now() - started > 30_000).catch(() => undefined);
    await wire.until(() => wire.types().includes("Z"));
    expect(found(await wire.answers(), "E")).toMatchObject(STOPPED);
    expect(site.drafts.at(-1)).toMatchObject({ verdict: "deny", reason: REASON });
    await goesOn(wire);
    wire.destroy();
  });

  test("ends a COPY from a client that sends nothing more: the server would wait for it deaf to cancels", async () => {
    const { site, wire } = await limited('@limit_time("300ms")');
    for (const frames of [[encode.query("COPY limited_in FROM STDIN")], executed("COPY limited_in FROM STDIN")]) {
      wire.send(...frames);
      await wire.until(() => wire.types().includes("G"));
      wire.send(data("9\tnine\n"));
      await wire.until(() => wire.types().includes("E"));
      wire.send(data("10\tten\n"), DONE, ...(frames.length > 1 ? [encode.sync()] : []));
      expect(found(await wire.answers(), "E")).toMatchObject(STOPPED);
      expect(record(site)).toMatchObject({ status: "error", reason: REASON });
      await goesOn(wire);
    }
    expect((await owner.query("SELECT count(*)::int AS n FROM limited_in WHERE id IN (9, 10)")).rows).toEqual([
      { n: 0 },
    ]);
    wire.destroy();
  });

  test("ends the session of a statement that the server does not stop, seconds after, and others go on", {
    timeout: 30_000,
  }, async () => {
    const { site, wire } = await limited('@limit_time("300ms")');
    const other = await openWire(site);
    await other.answers();
    // between the terms of one expression nothing looks for a cancel: about half a minute
    const terms = Array.from({ length: 150 }, () => "length((v * v)::text)").join(" + ");
    const started = Date.now();
    wire.send(
      encode.query(
        `SELECT ${terms} FROM (SELECT repeat('9', 65000)::numeric AS v FROM orders WHERE id = 1 OFFSET 0) s`,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await goesOn(other);
    await wire.until(() => wire.closed);
    expect(Date.now() - started).toBeLessThan(8_000);
    expect(found(wire.seen, "E")).toMatchObject({
      code: "57014",
      text: expect.stringMatching(/^Sluice: limit\.time: it did not stop/),
    });
    expect(site.finished.map(({ outcome }) => outcome.reason)).toContain(REASON);
    await goesOn(other);
    other.destroy();
  });
});
