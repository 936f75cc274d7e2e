import { expect, test } from "vitest";
import { addressOf, readResource } from "./address.ts";

const stored = {
  id: "01a20158-1e6f-7674-bef4-27b510fcdf9b",
  name: "shop",
  kind: "postgres",
  environment: "production",
  tags: {},
  config: {
    listen: { host: "0.0.0.0", port: 6432 },
    upstream: { host: "h", port: 5432, database: "shop", tls: "verify-full", credentialRef: "SHOP" },
  },
};
const resource = readResource(stored);
const free = readResource({ ...stored, config: { ...stored.config, listen: { host: "127.0.0.1", port: 0 } } });
const enforcer = (status: string, address: string) => ({ status, listeners: [{ resourceId: resource.id, address }] });

test("clients reach a resource where an online enforcer says it listens", () => {
  const listed = [enforcer("offline", "old.example:1"), enforcer("online", "db.example:7000")];
  expect(addressOf(resource, listed)).toEqual({ host: "db.example", port: 7000 });
});

test("a wildcard or loopback address is shown as localhost, also in IPv6", () => {
  expect(addressOf(resource, [enforcer("online", "127.0.0.1:7000")])).toEqual({ host: "localhost", port: 7000 });
  expect(addressOf(resource, [enforcer("online", "[::]:7000")])).toEqual({ host: "localhost", port: 7000 });
});

test("without a report the configured port is shown, and nothing when the enforcer was to choose", () => {
  expect(addressOf(resource, [])).toEqual({ host: "localhost", port: 6432 });
  expect(addressOf(free, [{ status: "online", listeners: "garbage" }])).toBeUndefined();
});
