import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { Secret, unwrap } from "@sluice/kernel";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { dial } from "../../upstream/dial.ts";
import type { ByteStream } from "../byte-stream.ts";
import { STARTUP_CODE } from "./codec/message.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire } from "./fixtures/wire.ts";
import { openUpstream, POSTGRES_TLS_OPENING } from "./upstream.ts";

let site: TestSite;
beforeAll(async () => {
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({ upstream: inject("upstream"), masking });
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
