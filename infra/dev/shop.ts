import { createHash } from "node:crypto";
import pg from "pg";
import type { PostgresServer } from "./postgres.ts";
import { shopRows } from "./shop-rows.ts";

/** How one logs on to the demo upstream. */
export interface ShopLogin {
  readonly user: string;
  readonly password: string;
}

/** The demo upstream's two roles: the owner of the tables, and the enforcer's with ordinary rights on the rows. */
export interface ShopLogins {
  readonly owner: ShopLogin;
  readonly enforcer: ShopLogin;
}

/** Names and passwords of the roles, derived from the cluster's own password. */
export function shopLogins(secret: string): ShopLogins {
  const derive = (name: string) => createHash("sha256").update(`${name}\0${secret}`).digest("base64url").slice(0, 32);
  return {
    owner: { user: "shop_owner", password: derive("owner") },
    enforcer: { user: "sluice_enforcer", password: derive("enforcer") },
  };
}

const tables = `
CREATE TABLE customers (
  id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, phone text NOT NULL,
  card text NOT NULL, ssn text NOT NULL, city text NOT NULL
);
CREATE TABLE products (id integer PRIMARY KEY, name text NOT NULL, category text NOT NULL, price numeric(10,2) NOT NULL);
CREATE TABLE orders (
  id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers (id),
  product_id integer NOT NULL REFERENCES products (id), quantity integer NOT NULL CHECK (quantity > 0),
  total numeric(10,2) NOT NULL, status text NOT NULL, ordered_at timestamptz NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE VIEW customer_contacts AS SELECT id, name, email AS contact, phone, city FROM customers;
CREATE FUNCTION customer_email(customer integer) RETURNS text LANGUAGE sql STABLE
  AS 'SELECT email FROM customers WHERE id = customer';
`;

/** Creates roles, database and rows on a fresh cluster; does nothing when they are there. The same seed, the same rows. */
export async function createShop(server: PostgresServer, secret: string): Promise<void> {
  const logins = shopLogins(secret);
  await using admin = await connection(server, "postgres");
  for (const { user, password } of [logins.owner, logins.enforcer]) {
    await admin.client.query(
      `DO $$ BEGIN CREATE ROLE ${user} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
    await admin.client.query(`ALTER ROLE ${user} PASSWORD '${password}'`);
  }
  const { rowCount } = await admin.client.query("SELECT 1 FROM pg_database WHERE datname = 'shop'");
  if (!rowCount) await admin.client.query("CREATE DATABASE shop OWNER shop_owner");
  await using shop = await connection(server, "shop", logins.owner);
  const { rows } = await shop.client.query("SELECT to_regclass('public.orders') IS NOT NULL AS seeded");
  if (rows[0]?.seeded) return;
  await shop.client.query("BEGIN");
  await shop.client.query(tables);
  await insertRows(shop.client);
  await shop.client.query(`
    GRANT USAGE ON SCHEMA public TO ${logins.enforcer.user};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${logins.enforcer.user};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${logins.enforcer.user};
    COMMIT;
    ANALYZE;`);
}

async function insertRows(client: pg.Client): Promise<void> {
  for (const [table, rows] of Object.entries(shopRows())) {
    await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [
      JSON.stringify(rows),
    ]);
  }
}

async function connection(server: PostgresServer, database: string, login: ShopLogin = server) {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    database,
    user: login.user,
    password: login.password,
    ssl: { rejectUnauthorized: false }, // our own cluster on loopback, while it is made
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}
