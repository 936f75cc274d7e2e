import { expect, test } from "vitest";
import { formatHosts, parseHosts } from "./host-list.ts";

test("hosts are read one per line or between commas, with or without port, and written one per line", () => {
  const parsed = parseHosts(" db1.internal:5433\ndb2, [fd00::1]:6000 10.0.0.7 ");
  expect(parsed).toEqual({
    ok: true,
    value: [
      { host: "db1.internal", port: 5433 },
      { host: "db2", port: 5432 },
      { host: "fd00::1", port: 6000 },
      { host: "10.0.0.7", port: 5432 },
    ],
  });
  expect(formatHosts(parsed.ok ? parsed.value : [])).toBe("db1.internal:5433\ndb2:5432\n[fd00::1]:6000\n10.0.0.7:5432");
});

test.each([
  ["", "at least one host"],
  ["db1:0", "db1:0 is not host:port"],
  ["db1:70000", "db1:70000 is not host:port"],
  ["postgres://db1/x", "postgres://db1/x is not host:port"],
  ["-db", "-db is not host:port"],
  ["db1 db1:5432", "db1:5432 is there twice"],
])("the list %j is refused: %s", (text, reason) => {
  expect(parseHosts(text)).toMatchObject({ ok: false, error: { public: reason } });
});
