import type { LookupAddress } from "node:dns";
import { createServer, type Server, type ServerResponse } from "node:http";
import { unwrap } from "@sluice/kernel";
import { afterEach, expect, test } from "vitest";
import { addressPolicy } from "./address-policy.ts";
import { fetchJson } from "./fetch-json.ts";
import { AddressRefused, guardedLookup } from "./guarded-agent.ts";

const bounds = { timeoutMs: 1_000, bytesMax: 1_000 };
const strict = unwrap(addressPolicy([]));
const local = unwrap(addressPolicy(["127.0.0.0/8", "::1/128"]));
let server: Server | undefined;
let asked = 0;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  asked = 0;
  server = createServer((_request, response) => {
    asked++;
    answer(response);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://localhost:${address.port}`;
}

test("a JSON document on an allowed network is read", async () => {
  const url = await serve((response) => response.end('{"a":1}'));
  expect(await fetchJson(url, local, bounds)).toEqual({ ok: true, value: { a: 1 } });
});

test("nothing on this machine is asked by default, by name or by address in any notation", async () => {
  const url = await serve((response) => response.end("{}"));
  const { port } = new URL(url);
  for (const host of [
    "localhost",
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
  ])
    for (const scheme of ["http", "https"])
      expect(await fetchJson(`${scheme}://${host}:${port}/`, strict, bounds)).toMatchObject({
        ok: false,
        error: { code: "outbound.refused" },
      });
  expect(asked).toBe(0);
});

test("the metadata service is not asked even where its network is allowed", async () => {
  const policy = unwrap(addressPolicy(["169.254.0.0/16"]));
  expect(await fetchJson("http://169.254.169.254/latest/meta-data/", policy, bounds)).toMatchObject({
    error: { code: "outbound.refused" },
  });
});

test("plain http is spoken to allowed networks only", async () => {
  expect(await fetchJson("http://93.184.216.34/", strict, bounds)).toMatchObject({
    error: { code: "outbound.refused" },
  });
});

test("a redirect is not followed", async () => {
  const url = await serve((response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end());
  expect(await fetchJson(url, local, bounds)).toMatchObject({ ok: false, error: { code: "outbound.status" } });
  expect(asked).toBe(1);
});

test("an answer is bounded in bytes and time, whatever it announces", async () => {
  const long = await serve((response) => response.end(`"${"x".repeat(2_000)}"`));
  expect(await fetchJson(long, local, bounds)).toMatchObject({ error: { code: "outbound.too_long" } });
  server?.close();
  const slow = await serve((response) => response.write("{"));
  const started = performance.now();
  expect(await fetchJson(slow, local, { ...bounds, timeoutMs: 200 })).toMatchObject({
    error: { code: "outbound.unreachable", public: "no answer within 0.2 s" },
  });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each(["ftp://example.org/", "file:///etc/passwd", "https://user:pass@example.org/", "no address"])(
  "%s is not asked",
  async (url) => {
    expect(await fetchJson(url, local, bounds)).toMatchObject({ ok: false, error: { code: "outbound.bad_url" } });
  },
);

test("a name with one address that may be reached and one that may not is refused as a whole", async () => {
  const resolve = (_host: string, _options: object, done: (cause: null, found: LookupAddress[]) => void) =>
    done(null, [
      { address: "93.184.216.34", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ]);
  const lookup = guardedLookup((address) => strict.allows(address), resolve);
  const cause = await new Promise((settle) => lookup("rebinding.example", {}, (problem) => settle(problem)));
  expect(cause).toBeInstanceOf(AddressRefused);
});

test("the connection goes to the address that was judged", async () => {
  const resolve = (_host: string, _options: object, done: (cause: null, found: LookupAddress[]) => void) =>
    done(null, [{ address: "93.184.216.34", family: 4 }]);
  const lookup = guardedLookup((address) => strict.allows(address), resolve);
  const found = await new Promise((settle) => lookup("idp.example", {}, (_, address) => settle(address)));
  expect(found).toBe("93.184.216.34");
});
