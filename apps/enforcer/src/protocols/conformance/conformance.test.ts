import { randomUUID } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { type BundleResource, bundleContentSchema } from "@sluice/bundle";
import { err, systemClock, taggedError } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { UpstreamHosts } from "../../upstream/hosts.ts";
import type { ProtocolAdapter, ProtocolKind } from "../protocol.ts";
import { protocols } from "../registry.ts";

const HANDSHAKE_MS = 150;
const END = { kind: "shutdown", reason: "the test ended" } as const;

/** One adapter behind a socket, with what it asked of the rest of the enforcer. */
interface Served {
  readonly adapter: ProtocolAdapter;
  readonly port: number;
  readonly asked: string[];
  resource: BundleResource | undefined;
}

const servers: Server[] = [];
const adapters: ProtocolAdapter[] = [];

beforeAll(() => configureLogs({ level: "silent" }));
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const adapter of adapters.splice(0)) await adapter.close(END, 0);
});

function resourceOf(kind: ProtocolKind): BundleResource {
  return bundleContentSchema.shape.resources.element.parse({
    id: randomUUID(),
    name: "conformance",
    kind,
    environment: "test",
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "upstream.test", port: 1, database: "none", tls: "verify-full", credentialRef: "NONE" },
    limits: { handshakeTimeoutMs: HANDSHAKE_MS },
  });
}

/** Everything beyond the adapter refuses and notes that it was asked. */
async function serve(kind: ProtocolKind): Promise<Served> {
  const asked: string[] = [];
  const refuse = <C extends string>(what: string, code: C) => {
    asked.push(what);
    return err(taggedError(code, "not in this test"));
  };
  const state: { resource: BundleResource | undefined } = { resource: resourceOf(kind) };
  const adapter = protocols[kind].adapter({
    services: {
      resource: () => state.resource,
      secureContext: () => createSecureContext(),
      watch: () => () => undefined,
      onBundle: () => () => undefined,
      verify: async () => refuse("verify", "identity.malformed"),
      openGate: async () => {
        asked.push("gate");
        return err({ kind: "policy", policyId: "conformance", reason: "not in this test" });
      },
    },
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    clock: systemClock,
    hosts: new UpstreamHosts({ clock: systemClock }),
    dial: async () => refuse("dial", "upstream.unreachable"),
    credentials: () => refuse("credentials", "env.no_credentials"),
  });
  const server = createServer((socket) => void adapter.serve(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  servers.push(server);
  adapters.push(adapter);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(state, { adapter, port, asked });
}

/** Sends bytes and waits for the end; how long it took. */
async function closes(port: number, bytes: Uint8Array): Promise<number> {
  const started = performance.now();
  const socket: Socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return performance.now() - started;
}

const kinds = Object.keys(protocols).filter((kind): kind is ProtocolKind => kind in protocols);

describe.each(kinds)("the protocol %s", (kind) => {
  test("calls itself what the registry calls it, and begins without sessions", async () => {
    const { adapter } = await serve(kind);
    expect(adapter).toMatchObject({ kind, sessionCount: 0 });
  });

  test("closes whoever says nothing when the handshake's time is over", async () => {
    const { adapter, asked, port } = await serve(kind);
    expect(await closes(port, new Uint8Array())).toBeGreaterThan(HANDSHAKE_MS / 2);
    expect([asked, adapter.sessionCount]).toEqual([[], 0]);
  });

  test("asks for no session, credentials or upstream for bytes that prove nobody", { timeout: 60_000 }, async () => {
    const { adapter, asked, port } = await serve(kind);
    const check = async (bytes: Uint8Array) => {
      await closes(port, bytes);
      expect([asked, adapter.sessionCount]).toEqual([[], 0]);
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), check), { numRuns: 40 });
  });

  test("serves nobody whose resource is gone", async () => {
    const served = await serve(kind);
    served.resource = undefined;
    expect(await closes(served.port, new Uint8Array([0]))).toBeLessThan(5_000);
    expect(served.asked).toEqual([]);
  });

  test("serves nobody once it was closed, which ends within its grace", async () => {
    const { adapter, asked, port } = await serve(kind);
    await adapter.close(END, 100);
    await closes(port, new Uint8Array([0]));
    expect([asked, adapter.sessionCount]).toEqual([[], 0]);
  });
});
