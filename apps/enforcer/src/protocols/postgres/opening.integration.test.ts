import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Secret, unwrap } from "@sluice/kernel";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { dial } from "../../upstream/dial.ts";
import type { ByteStream } from "../byte-stream.ts";
import * as encode from "./codec/encode.ts";
import { STARTUP_CODE } from "./codec/message.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire } from "./fixtures/wire.ts";
import { openUpstream, POSTGRES_TLS_OPENING } from "./upstream.ts";

let site: TestSite;
let ca: Buffer;
beforeAll(async () => {
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({ upstream: inject("upstream"), masking });
  ca = readFileSync(site.caFile);
});
afterAll(() => site?.close());

/** A request that has no body but its code (protocol-message-formats: SSLRequest, GSSENCRequest). */
function request(code: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(8, 0);
  bytes.writeInt32BE(code, 4);
  return bytes;
}

function answer(socket: Socket, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(data.toString("latin1")));
    socket.once("error", reject);
    socket.write(bytes);
  });
}

describe("before the startup packet", () => {
  test("GSSENCRequest is answered N, and the client may ask for TLS on the same connection", async () => {
    const socket = connect(site.port, "127.0.0.1");
    expect(await answer(socket, request(STARTUP_CODE.gssenc))).toBe("N");
    expect(await answer(socket, request(STARTUP_CODE.ssl))).toBe("S");
    socket.destroy();
  });

  test("TLS from the first byte opens a session as asking for it does", async () => {
    for (const direct of [true, false]) {
      const wire = await openWire(site, { direct });
      expect((await wire.answers()).at(-1)?.type).toBe("Z");
      wire.destroy();
    }
  });

  test.each([
    ["without a name for its protocol", undefined],
    ["for another protocol", ["http/1.1"]],
  ])("TLS from the first byte %s opens nothing: its client may have been led here", async (_what, ALPNProtocols) => {
    const socket = connectTls({ host: "127.0.0.1", port: site.port, servername: "localhost", ca, ALPNProtocols });
    const seen: Buffer[] = [];
    socket.on("data", (data: Buffer) => seen.push(data)).on("error", () => undefined);
    socket.write(encode.startupMessage(196_608, { user: "ana", database: "shop" }));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(seen)).toHaveLength(0);
  });

  test.each([
    ["in the clear", "plain"],
    ["inside of TLS that was asked for", "asked"],
    ["inside of TLS from the first byte", "direct"],
  ] as const)("a CancelRequest is taken %s", async (_what, way) => {
    const wire = await openWire(site, { version: 196_610 });
    const key = (await wire.answers()).find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
    const before = site.drafts.length;
    wire.send(encode.query("SELECT count(*) FROM orders a, orders b, orders c"));
    await expect.poll(() => site.drafts.length, { timeout: 10_000 }).toBe(before + 1);
    const plain = connect(site.port, "127.0.0.1");
    if (way === "asked") expect(await answer(plain, request(STARTUP_CODE.ssl))).toBe("S");
    const tls = { socket: plain, servername: "localhost", ca, ALPNProtocols: ["postgresql"] };
    const socket = way === "plain" ? plain : connectTls(tls);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.write(encode.cancelRequest(key.readInt32BE(0), key.subarray(4)));
    await closed;
    expect((await wire.answers()).find(({ type }) => type === "E")?.code).toBe("57014");
    wire.destroy();
  });
});

describe("the upstream's password exchange", () => {
  async function open(change: (stream: ByteStream) => void) {
    const { caFile, database, host, password, port, user } = inject("upstream");
    const target = { host, port, tls: "verify-full", ca: readFileSync(caFile, "utf8"), timeoutMs: 10_000 } as const;
    const stream = unwrap(await dial(target, POSTGRES_TLS_OPENING));
    const sent: Buffer[] = [];
    const write = stream.write.bind(stream);
    stream.write = (bytes) => {
      sent.push(Buffer.from(bytes));
      return write(bytes);
    };
    change(stream);
    const credentials = { user, password: new Secret(password) };
    const opened = await openUpstream(stream, {
      database,
      credentials,
      settings: {},
      frameBytesMax: 1 << 20,
      timeoutMs: 10_000,
    });
    stream.destroy();
    return { opened, sent: Buffer.concat(sent).toString("latin1") };
  }

  test("is bound to the server's certificate (SCRAM-SHA-256-PLUS)", async () => {
    const { opened, sent } = await open(() => undefined);
    expect(opened.ok).toBe(true);
    expect(sent).toContain("SCRAM-SHA-256-PLUS\0");
    expect(sent).toContain("p=tls-server-end-point,,");
  });

  test("fails when it was bound to another certificate, as behind somebody in between", async () => {
    const { opened } = await open((stream) => {
      Object.defineProperty(stream, "endPointBinding", { value: Buffer.alloc(32, 1) });
    });
    expect(opened).toMatchObject({ ok: false, error: { code: expect.stringMatching(/^upstream\./) } });
  });

  test("goes on without binding where TLS gives nothing to bind to", async () => {
    const { opened, sent } = await open((stream) => {
      Object.defineProperty(stream, "endPointBinding", { value: undefined });
    });
    expect(opened.ok).toBe(true);
    expect(sent).toContain("SCRAM-SHA-256\0");
  });
});
