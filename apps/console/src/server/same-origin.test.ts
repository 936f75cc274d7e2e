import { expect, test } from "vitest";
import { hostIsPlain, hostOf } from "./request.ts";
import { fromOwnOrigin } from "./same-origin.ts";

const facts = (headers: Record<string, string>) => ({ header: (name: string) => headers[name] });
const deps = { publicUrl: new URL("https://sluice.example") };
const direct = { trustsProxy: false, deps };
const proxied = { trustsProxy: true, deps };
const host = "acme.sluice.example";

test("a change from our own pages passes, also behind a proxy that names the host", () => {
  expect(fromOwnOrigin(direct, facts({ host, origin: `https://${host}` }))).toBe(true);
  const forwarded = { host: "10.0.0.1:3000", "x-forwarded-host": host, origin: `https://${host}` };
  expect(fromOwnOrigin(proxied, facts(forwarded))).toBe(true);
});

test("without a proxy in front X-Forwarded-Host says nothing, behind one its last value does", () => {
  const claimed = { host, "x-forwarded-host": "evil.example", origin: "https://evil.example" };
  expect(fromOwnOrigin(direct, facts(claimed))).toBe(false);
  expect(hostOf(direct, facts(claimed))).toBe(host);
  expect(hostIsPlain(direct, facts(claimed))).toBe(false);
  const appended = { host: "10.0.0.1", "x-forwarded-host": `evil.example, ${host}` };
  expect(hostOf(proxied, facts(appended))).toBe(host);
  expect(hostIsPlain(proxied, facts(appended))).toBe(false);
  expect(hostIsPlain(direct, facts({ host, "x-forwarded-host": host }))).toBe(true);
});

test.each([
  ["no origin", { host }],
  ["another site", { host, origin: "https://evil.example" }],
  ["another tenant", { host, origin: "https://globex.sluice.example" }],
  ["an opaque origin", { host, origin: "null" }],
  ["our own host over plain http", { host, origin: `http://${host}` }],
  ["another port", { host, origin: `https://${host}:8443` }],
])("a change from elsewhere is refused: %s", (_, headers) => {
  expect(fromOwnOrigin(direct, facts(headers))).toBe(false);
});
