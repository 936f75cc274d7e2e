import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type SeenMessage, type WireClient } from "./fixtures/wire.ts";

const VERSION_3_2 = 196_610;
const NEVER = "SELECT count(*) FROM orders a, orders b, orders c";
const DONE = encode.frame(0x63, Buffer.alloc(0));
let site: TestSite;
let owner: pg.Client;

beforeAll(async () => {
  const { caFile, database, host, owner: login, port, user } = inject("upstream");
  owner = new pg.Client({ host, port, database, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
  await owner.query("DROP TABLE IF EXISTS copied; CREATE TABLE copied (id int, note text, raw bytea)");
  await owner.query(`GRANT ALL ON copied TO ${user}`);
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({ upstream: inject("upstream"), masking, environment: "staging" });
});
afterAll(async () => {
  await site?.close();
  await owner?.query("DROP TABLE IF EXISTS copied");
  await owner?.end();
});

const types = (answer: readonly SeenMessage[]) => answer.map(({ type }) => type).join("");
async function ask(wire: WireClient, ...frames: Buffer[]): Promise<SeenMessage[]> {
  wire.send(...frames);
  return wire.answers();
}

/** Sends a CancelRequest as a client does: on a connection of its own, that the server closes. */
async function cancel(processId: number, secret: Buffer): Promise<void> {
  const socket = connectTcp({ host: "127.0.0.1", port: site.port });
  socket.on("error", () => undefined);
  socket.write(encode.cancelRequest(processId, secret));
  await once(socket, "close");
}

describe("a CancelRequest", () => {
  test.each([
    ["3.0", 196_608, 4],
    ["3.2", VERSION_3_2, 32],
  ])("of protocol %s needs the whole of its own key", async (_name, version, keyBytes) => {
    const wire = await openWire(site, { version });
    const other = await openWire(site, { version });
    const keyOf = (of: WireClient) => of.seen.find(({ type }) => type === "K")?.body ?? Buffer.alloc(0);
    const [own, others] = [keyOf(wire), keyOf(other)];
    await wire.answers();
    await other.answers();
    const processId = own.readInt32BE(0);
    const secret = own.subarray(4);
    expect(secret).toHaveLength(keyBytes);
    wire.send(encode.query(NEVER));
    const flipped = Buffer.from(secret);
    flipped.writeUInt8(flipped.readUInt8(keyBytes - 1) ^ 1, keyBytes - 1);
    const longer = Buffer.concat([secret, Buffer.from([0])]);
    for (const wrong of [flipped, secret.subarray(0, keyBytes / 2), longer, others.subarray(4)])
      await cancel(processId, wrong);
    expect(wire.types()).not.toContain("E");
    await cancel(processId, secret);
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("57014");
    expect(types(await ask(other, encode.query("SELECT 1")))).toBe("TDCZ");
    wire.destroy();
    other.destroy();
  });
});

describe("COPY", () => {
  test.each([
    ["text", ""],
    ["csv", "CSV HEADER"],
    ["csv with a form of its own", "CSV DELIMITER '|' QUOTE '''' ESCAPE '\\' NULL 'nothing'"],
    ["binary", "BINARY"],
  ])("brings back in what it gave out, in %s, over both protocols", async (_name, form) => {
    const rows =
      "SELECT g, CASE WHEN g % 3 > 0 THEN E'a\\t|,\"''\\\\\\n\\r.' || g END, decode(lpad(to_hex(g), 8, '0'), 'hex') FROM generate_series(1, 500) g";
    const digest = "SELECT count(*)::int AS n, md5(string_agg(copied::text, ',' ORDER BY id)) AS sum FROM copied";
    await owner.query(`TRUNCATE copied; INSERT INTO copied ${rows}`);
    const before = (await owner.query(digest)).rows;
    const wire = await openWire(site);
    await wire.answers();
    for (const extended of [false, true]) {
      const executed = (text: string) =>
        extended ? [encode.parse("", text), bind("", ""), encode.execute("", 0), encode.sync()] : [encode.query(text)];
      const out = await ask(wire, ...executed(`COPY copied TO STDOUT ${form}`));
      const data = Buffer.concat(out.filter(({ type }) => type === "d").map(({ body }) => body));
      await owner.query("TRUNCATE copied");
      wire.send(...executed(`COPY copied FROM STDIN ${form}`));
      await wire.until(() => wire.types().includes("G"));
      // cut anywhere
      for (let at = 0; at < data.length; at += 777) wire.send(encode.frame(0x64, data.subarray(at, at + 777)));
      const answer = await ask(wire, DONE, ...(extended ? [encode.sync()] : []));
      expect(answer.find(({ type }) => type === "C")?.text).toBe("COPY 500\0");
      expect((await owner.query(digest)).rows).toEqual(before);
    }
    wire.destroy();
  });
});

describe("settings", () => {
  const parameter = (answer: readonly SeenMessage[]) =>
    answer.filter(({ type }) => type === "S").map(({ text }) => text?.split("\0").slice(0, 2).join("="));

  test("that the server reports reach the client when they change and when a rollback takes that back", async () => {
    const wire = await openWire(site);
    await wire.answers();
    expect(parameter(await ask(wire, encode.query("SET TimeZone = 'Asia/Tokyo'")))).toEqual(["TimeZone=Asia/Tokyo"]);
    await ask(wire, encode.query("BEGIN"));
    expect(parameter(await ask(wire, encode.query("SET application_name = 'inside'")))).toEqual([
      "application_name=inside",
    ]);
    expect(parameter(await ask(wire, encode.query("ROLLBACK")))).toEqual(["application_name="]);
    wire.destroy();
  });

  test("that change what a text means change how it is judged: encoding, strings, path", async () => {
    const wire = await openWire(site);
    await wire.answers();
    const code = (answer: readonly SeenMessage[]) => answer.find(({ type }) => type === "E")?.code;
    await ask(wire, encode.query("SET client_encoding = 'LATIN1'"));
    expect(code(await ask(wire, encode.query("SELECT 'é'")))).toBe("42501");
    expect(code(await ask(wire, encode.query("SELECT 'e'")))).toBeUndefined();
    await ask(wire, encode.query("RESET client_encoding"));
    expect(code(await ask(wire, encode.query("SELECT 'é'")))).toBeUndefined();
    await ask(wire, encode.query("SET standard_conforming_strings = off"));
    expect(code(await ask(wire, encode.query("SELECT '\\'; DELETE FROM orders; --'")))).toBe("42501");
    await ask(wire, encode.query("RESET standard_conforming_strings"));
    await ask(wire, encode.query("SET search_path = pg_catalog"));
    expect(code(await ask(wire, encode.query("SELECT id FROM orders")))).toBe("42P01");
    await ask(wire, encode.query("DISCARD ALL"));
    expect(code(await ask(wire, encode.query("SELECT id FROM orders LIMIT 1")))).toBeUndefined();
    wire.destroy();
  });

  test.each([
    "SET ROLE shop_owner",
    "SET SESSION AUTHORIZATION shop_owner",
    "SELECT set_config('role', 'shop_owner', false)",
  ])("that change who one is are refused: %s", async (text) => {
    const wire = await openWire(site);
    await wire.answers();
    expect((await ask(wire, encode.query(text))).find(({ type }) => type === "E")?.code).toBe("42501");
    const { rows } = await owner.query("SELECT 1");
    expect(rows).toHaveLength(1);
    wire.destroy();
  });
});

describe("FunctionCall", () => {
  test("is refused in its place, and fails the transaction that it came in", async () => {
    const wire = await openWire(site);
    await wire.answers();
    const call = encode.frame(0x46, Buffer.from([0, 0, 0x08, 0x67, 0, 0, 0, 0, 0, 0]));
    wire.send(
      encode.query("BEGIN"),
      call,
      encode.query("SELECT 1"),
      encode.query("ROLLBACK"),
      encode.query("SELECT 2"),
    );
    const answer = await wire.answers(5);
    expect(answer.map(({ code, type }) => code ?? type).join(" ")).toBe("C Z 0A000 Z 25P02 Z C Z T D C Z");
    wire.destroy();
  });
});

describe("LISTEN and NOTIFY", () => {
  const code = (answer: readonly SeenMessage[]) => answer.find(({ type }) => type === "E")?.code;

  test("pass as policy says, each by an action of its own", async () => {
    const closed = await startTestSite({
      upstream: inject("upstream"),
      masking: { planRows: planRowMasks, planCopy: planCopyMasks },
      environment: "staging",
      guardrails: `@id("no-listening") @description("Nobody listens.") @severity("low") @advice("Ask for the row.")
        forbid (principal, action == Action::"sql.read.listen", resource);`,
    });
    const [listener, teller, deaf] = [await openWire(site), await openWire(site), await openWire(closed)];
    for (const each of [listener, teller, deaf]) await each.answers();
    expect(code(await ask(listener, encode.query("LISTEN protocol_channel")))).toBeUndefined();
    expect(code(await ask(teller, encode.query("NOTIFY protocol_channel, 'x'")))).toBeUndefined();
    await listener.until(() => listener.types().includes("A"));
    const refused = await ask(deaf, encode.query("LISTEN protocol_channel"));
    expect(refused.find(({ type }) => type === "E")?.text).toMatch(/^Sluice: no-listening: /);
    expect(code(await ask(deaf, encode.query("NOTIFY protocol_channel, 'y'")))).toBeUndefined();
    await ask(listener, encode.query("UNLISTEN *"));
    const reader = await openWire(site, { user: "bo" });
    await reader.answers();
    for (const text of [
      "LISTEN protocol_channel",
      "NOTIFY protocol_channel",
      "SELECT pg_notify('protocol_channel', 'z')",
    ])
      expect([text, code(await ask(reader, encode.query(text)))]).toEqual([text, "42501"]);
    for (const each of [listener, teller, deaf, reader]) each.destroy();
    await closed.close();
  });
});
