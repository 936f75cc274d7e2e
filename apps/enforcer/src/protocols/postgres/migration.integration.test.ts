import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";

const ACCESS = `
@id("migrations") @description("Engineers change the schema here.")
permit (principal in Group::"engineering", action in Action::"sql.ddl", resource);`;

let site: TestSite;
let owner: pg.Client;

beforeAll(async () => {
  const { owner: login, ...upstream } = inject("upstream");
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({
    upstream: { ...upstream, ...login },
    masking,
    environment: "staging",
    access: ACCESS,
    without: ["schema-change", "destructive-command"],
  });
  const { caFile, database, host, port } = upstream;
  owner = new pg.Client({ host, port, database, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
});
afterAll(async () => {
  await site?.close();
  await owner?.query("DROP SCHEMA IF EXISTS migrated CASCADE");
  await owner?.end();
});

async function connect(): Promise<pg.Client> {
  const ssl = { ca: readFileSync(site.caFile, "utf8") };
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user: "ana",
    password: "token:ana",
    ssl,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

describe("a migration", () => {
  test("uses what it made in its own transaction, before anybody else sees it", async () => {
    const client = await connect();
    const other = await connect();
    await client.query("BEGIN");
    await client.query("CREATE SCHEMA migrated");
    await client.query("SET LOCAL search_path = migrated, public");
    await client.query("CREATE TABLE notes (id integer PRIMARY KEY, body text)");
    await client.query("INSERT INTO notes VALUES (1, 'one'), (2, 'two')");
    await client.query("ALTER TABLE notes ADD COLUMN length integer");
    await client.query("UPDATE notes SET length = length(body) WHERE id = $1", [1]);
    await client.query("CREATE VIEW long AS SELECT body FROM notes WHERE length > 1");
    expect((await client.query("SELECT * FROM long")).rows).toEqual([{ body: "one" }]);
    expect((await client.query("SHOW search_path")).rows).toEqual([{ search_path: "migrated, public" }]);
    await expect(other.query("SELECT * FROM migrated.notes")).rejects.toMatchObject({ code: "42P01" });
    await client.query("COMMIT");
    // names that were nowhere are looked up again every two seconds
    const count = async () => (await other.query("SELECT count(*)::int AS n FROM migrated.notes")).rows;
    expect(await vi.waitFor(count, { timeout: 5_000, interval: 200 })).toEqual([{ n: 2 }]);
    await client.end();
    await other.end();
  });

  test("that is rolled back, wholly or to a savepoint, leaves nothing that could be used", async () => {
    const client = await connect();
    await client.query("BEGIN");
    await client.query("CREATE TABLE migrated.kept (id integer)");
    await client.query("SAVEPOINT before");
    await client.query("CREATE TABLE migrated.gone (id integer)");
    await client.query("INSERT INTO migrated.gone VALUES (1)");
    await client.query("ROLLBACK TO before");
    await client.query("INSERT INTO migrated.kept VALUES (1)");
    await client.query("ROLLBACK");
    await expect(client.query("SELECT * FROM migrated.kept")).rejects.toMatchObject({ code: "42P01" });
    await client.end();
  });

  test("shows no hidden column under a name that it made itself", async () => {
    const client = await connect();
    await client.query("BEGIN");
    await client.query("CREATE VIEW migrated.renamed AS SELECT id, name AS shown FROM customers");
    expect((await client.query("SELECT shown FROM migrated.renamed WHERE id = 1")).rows).toHaveLength(1);
    const email = (await owner.query("SELECT email FROM customers WHERE id = 1")).rows[0].email;
    const made = await client
      .query("CREATE OR REPLACE VIEW migrated.renamed AS SELECT id, email AS shown FROM customers")
      .then(() => client.query("SELECT shown FROM migrated.renamed WHERE id = 1"))
      .then(
        ({ rows }) => JSON.stringify(rows),
        (cause: unknown) => String(cause),
      );
    expect(made).not.toContain(email);
    await client.query("ROLLBACK");
    await client.end();
  });
});
