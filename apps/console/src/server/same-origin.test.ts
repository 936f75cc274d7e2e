import { expect, test } from "vitest";
import { fromOwnOrigin } from "./same-origin.ts";

const facts = (headers: Record<string, string>) => ({ header: (name: string) => headers[name] });
const host = "acme.sluice.example";

test("a change from our own pages passes, also behind a proxy that names the host", () => {
  expect(fromOwnOrigin(facts({ host, origin: `https://${host}` }))).toBe(true);
  expect(fromOwnOrigin(facts({ host: "10.0.0.1:3000", "x-forwarded-host": host, origin: `https://${host}` }))).toBe(
    true,
  );
});

test.each([
  ["no origin", { host }],
  ["another site", { host, origin: "https://evil.example" }],
  ["another tenant", { host, origin: "https://globex.sluice.example" }],
  ["an opaque origin", { host, origin: "null" }],
  ["another port", { host, origin: `https://${host}:8443` }],
])("a change from elsewhere is refused: %s", (_, headers) => {
  expect(fromOwnOrigin(facts(headers))).toBe(false);
});
