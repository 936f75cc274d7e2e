import { expect, test } from "vitest";
import { connectionUrl, connectSnippets, psqlLine } from "./connection-url.ts";

const parts = { host: "db.example", port: 6432, database: "shop", user: "ana", password: "a'b:c@d/e" };

test("a connection URL survives any password and insists on TLS", () => {
  const url = new URL(connectionUrl(parts));
  expect(decodeURIComponent(url.password)).toBe(parts.password);
  expect(url.host).toBe("db.example:6432");
  expect(url.searchParams.get("sslmode")).toBe("require");
  expect(new URL(connectionUrl({ ...parts, host: "::1" })).hostname).toBe("[::1]");
});

test("the line for a shell holds no quote that could end early", () => {
  expect(psqlLine({ ...parts, user: "o'brien" }).slice("psql '".length, -1)).not.toContain("'");
});

test("snippets carry a placeholder, never a token", () => {
  const { password, ...shown } = parts;
  const texts = connectSnippets(shown).map(({ text }) => text);
  expect(texts[0]).toContain(":<token>@");
  expect(texts.join()).not.toContain(encodeURIComponent(password));
});
