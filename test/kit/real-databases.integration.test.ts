import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import pg from "pg";
import { expect, inject, test } from "vitest";

test("the application's role can neither bypass row-level security nor create roles", async () => {
  const client = new pg.Client({ connectionString: inject("appUrl") });
  await client.connect();
  const { rows } = await client.query(
    "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user",
  );
  await client.end();
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }]);
});

test("the upstream is reached over verified TLS with SCRAM and holds the seeded shop", async () => {
  const { caFile, owner: _, ...login } = inject("upstream");
  const client = new pg.Client({ ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await client.connect();
  const { rows } = await client.query(
    "SELECT count(*)::int AS customers, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) FROM customers",
  );
  await client.end();
  expect(rows).toEqual([{ customers: 1000, ssl: true }]);
});

test("the upstream refuses a connection without TLS", async () => {
  const { caFile: _, owner: __, ...login } = inject("upstream");
  await expect(new pg.Client(login).connect()).rejects.toThrow(/no encryption/);
});

test("Redis answers and never evicts", async () => {
  const redis = new Redis(inject("redisUrl"));
  expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  await redis.quit();
});
