import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { type DebianServer, debianPostgres, startDebianServer } from "./debian-server.ts";
import { directly, programs, type Ran, run, startSite, throughSluice } from "./side-by-side.ts";

const postgres = debianPostgres();
const why = postgres ? "" : " (left out: no PostgreSQL server of Debian here; `apt-get install postgresql-15`)";
if (!postgres) console.warn(`left out: pg_dump${why}`);
const program = (name: string) => join(postgres?.binariesDir ?? "", name);

let server: DebianServer;
let site: TestSite;
let dir: string;

beforeAll(async () => {
  if (!postgres) return;
  server = await startDebianServer(postgres);
  const made = await asSuperuser(readFileSync(join(programs, "dump.sql"), "utf8"));
  if (made.status !== 0) throw new Error(made.output);
  site = await startSite({ upstream: server.upstream });
  dir = mkdtempSync(join(tmpdir(), "sluice-dumps-"));
}, 120_000);
afterAll(async () => {
  await site?.close();
  await server?.close();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

/** Runs a script past the enforcer, with all rights. */
function asSuperuser(input: string): Promise<Ran> {
  const env = { ...directly(server.upstream), PGUSER: server.superuser.user, PGPASSWORD: server.superuser.password };
  return run(program("psql"), ["-XqAt", "-v", "ON_ERROR_STOP=1"], { env, input });
}

/** A dump without what differs each time: the key of `\restrict`, and the line that an archive was made at. */
function steady({ output, status }: Ran): { readonly status: number | null; readonly output: string } {
  return {
    status,
    output: output.replaceAll(/^\\(un)?restrict \w+$/gm, "").replaceAll(/^; +Archive created at.*$/gm, ""),
  };
}

async function dumps(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ direct: Ran; through: Ran }> {
  const direct = await run(program("pg_dump"), args, { env: { ...directly(server.upstream), ...env } });
  const through = await run(program("pg_dump"), args, { env: { ...throughSluice(site), ...env } });
  return { direct: steady(direct), through: steady(through) };
}

/** Every value of the shop that the policies hide. */
async function hiddenValues(): Promise<readonly string[]> {
  const { output } = await asSuperuser("SELECT unnest(ARRAY[email, phone, card, ssn]) FROM customers");
  const values = output.split("\n").filter((line) => line !== "");
  expect(values.length).toBeGreaterThan(3_000);
  return values;
}

const UNCLASSIFIED = "--exclude-table-data=public.customers";
const ALL = [UNCLASSIFIED, "--enable-row-security"];

describe.skipIf(!postgres)(`pg_dump for somebody who is permitted${why}`, () => {
  test.each<[string, readonly string[]]>([
    ["everything", ALL],
    ["the schema alone", ["--schema-only"]],
    ["the data alone", ["--data-only", ...ALL]],
    ["single tables", ["--table=orders", "--table=store.t*"]],
    ["single schemas", ["--schema=store", ...ALL]],
    ["what makes the database too", ["--create", "--clean", "--if-exists", ...ALL]],
    ["INSERTs", ["--inserts", ...ALL]],
    ["INSERTs with columns, many rows each", ["--column-inserts", "--rows-per-insert=50", ...ALL]],
    ["one state of the database, whoever writes", ["--serializable-deferrable", ...ALL]],
    ["tables that it may wait for so long", ["--lock-wait-timeout=5s", "--table=products"]],
  ])("writes %s as it does directly, byte for byte", { timeout: 60_000 }, async (_, args) => {
    const { direct, through } = await dumps(args);
    expect(direct).toMatchObject({ status: 0, output: expect.stringContaining("PostgreSQL database dump complete") });
    expect(through).toEqual(direct);
  });

  test.each([
    ["custom", ["-Fc"]],
    ["tar", ["-Ft"]],
    ["directory", ["-Fd"]],
    ["directory, by two at once over one snapshot", ["-Fd", "-j", "2"]],
  ])("writes archives in the format %s that hold the same", { timeout: 60_000 }, async (name, format) => {
    const archives: string[] = [];
    for (const [way, env] of Object.entries({ direct: directly(server.upstream), through: throughSluice(site) })) {
      const file = join(dir, `${way} ${name}`);
      expect(await run(program("pg_dump"), [...format, ...ALL, "-f", file], { env })).toEqual({
        status: 0,
        output: "",
      });
      for (const args of [["-f", "-"], ["--list"]]) {
        const { output } = steady(await run(program("pg_restore"), [...args, file], { env: {} }));
        archives.push(output);
      }
    }
    const [script, list, scriptThrough, listThrough] = archives;
    expect(script).toContain("COPY store.things");
    expect(scriptThrough).toBe(script);
    expect(listThrough).toBe(list);
  });

  test("reads the snapshot that another session exported", { timeout: 60_000 }, async () => {
    const input = [
      "BEGIN ISOLATION LEVEL REPEATABLE READ;",
      "SELECT pg_export_snapshot() AS id \\gset",
      "\\setenv SNAPSHOT :id",
      "\\! $PG_DUMP --data-only --table=products --snapshot=$SNAPSHOT",
      "COMMIT;",
    ].join("\n");
    const env = { ...throughSluice(site), PG_DUMP: program("pg_dump") };
    const { output, status } = await run(program("psql"), ["-XqAt", "-v", "ON_ERROR_STOP=1"], { env, input });
    expect(output).toContain("PostgreSQL database dump complete");
    expect(output).toMatch(/^COPY public\.products/m);
    expect(status).toBe(0);
  });

  test("is told by the server what row security would keep from it, as directly", { timeout: 60_000 }, async () => {
    const { direct, through } = await dumps(["--table=store.own"]);
    expect(direct.output).toContain('query would be affected by row-level security policy for table "own"');
    expect(through).toEqual(direct);
  });

  test.each([
    ["COPY", ["--table=customers"]],
    ["INSERTs", ["--inserts", "--table=customers"]],
    ["everything", ["--enable-row-security"]],
  ])("gets hidden columns masked, never their values: %s", { timeout: 60_000 }, async (_, args) => {
    const { direct, through } = await dumps(args);
    expect(through.status).toBe(0);
    expect(through.output.split("\n")).toHaveLength(direct.output.split("\n").length);
    const hidden = await hiddenValues();
    expect(hidden.filter((value) => direct.output.includes(value))).toHaveLength(hidden.length);
    expect(hidden.filter((value) => through.output.includes(value))).toEqual([]);
  });
});

describe.skipIf(!postgres)(`pg_dump for somebody who is not permitted${why}`, () => {
  test.each([
    ["an approver, who may only SELECT", "bo", "token:bo", /Sluice: default-deny: /],
    ["an agent, whomever it acts for", "copilot", "token:copilot:ana", /Sluice: agents-read-only: /],
  ])("is refused to %s, with the policy and a hint", { timeout: 60_000 }, async (_, user, token, refusal) => {
    const env = throughSluice(site, user, token);
    const { output, status } = await run(program("pg_dump"), ["--table=orders", "--data-only"], { env });
    expect(output).toMatch(refusal);
    expect(output).toContain("HINT: ");
    expect(output).not.toMatch(/^\d+\t/m);
    expect(status).toBe(1);
  });

  test("waits in production for a second person, table by table, and is refused without", {
    timeout: 60_000,
  }, async () => {
    const production = await startSite({ upstream: server.upstream, environment: "production" });
    try {
      const args = ["--table=orders", "--table=products"];
      production.answer = async () => ({ kind: "refused", approverIds: ["bo"], reason: "not this week" });
      const refused = await run(program("pg_dump"), args, { env: throughSluice(production) });
      expect(refused.output).toMatch(/Sluice: .*not this week/);
      expect(refused.status).toBe(1);
      production.asked.length = 0;
      production.answer = async () => ({ kind: "approved", approverIds: ["bo"], reason: "" });
      const allowed = await run(program("pg_dump"), args, { env: throughSluice(production) });
      expect(allowed.output).toContain("PostgreSQL database dump complete");
      expect(production.asked).toHaveLength(2);
    } finally {
      await production.close();
    }
  });

  test("ends at another server's passwords and at large objects, and says how to leave those out", async () => {
    const large =
      "DO $$ BEGIN PERFORM lo_from_bytea(77777, 'large'); END $$; GRANT SELECT ON LARGE OBJECT 77777 TO PUBLIC;";
    expect(await asSuperuser(large)).toMatchObject({ status: 0 });
    const { through } = await dumps(ALL);
    expect(through).toMatchObject({
      status: 1,
      output: expect.stringContaining("function calls by OID cannot be judged"),
    });
    const without = await dumps(["--no-blobs", ...ALL]);
    expect(without.through).toEqual(without.direct);
    const foreign = `SELECT lo_unlink(77777); CREATE EXTENSION postgres_fdw;
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere');
      CREATE USER MAPPING FOR sluice_enforcer SERVER elsewhere OPTIONS (user 'u', password 'of elsewhere');`;
    expect(await asSuperuser(foreign)).toMatchObject({ status: 0 });
    const mapped = await dumps(ALL);
    expect(mapped.through).toMatchObject({ status: 1, output: expect.stringContaining("Sluice: server-access: ") });
    expect(mapped.through.output).not.toContain("of elsewhere");
    const schemas = await dumps(["--schema=public", "--schema=store", ...ALL]);
    expect(schemas.through).toEqual(schemas.direct);
    expect(await asSuperuser("DROP EXTENSION postgres_fdw CASCADE")).toMatchObject({ status: 0 });
  }, 60_000);

  test("of the whole cluster is refused: there is one database, and no passwords", { timeout: 60_000 }, async () => {
    for (const args of [[], ["--globals-only"], ["--globals-only", "--no-role-passwords"]]) {
      const { output, status } = await run(program("pg_dumpall"), args, { env: throughSluice(site) });
      expect(output).toContain('Sluice: this is shop; there is no database "template1"');
      expect(status).toBe(1);
    }
    const here = ["--globals-only", "--database=shop"];
    const { output, status } = await run(program("pg_dumpall"), here, { env: throughSluice(site) });
    expect(output).toContain("Sluice: secret-catalogues: ");
    expect(output).not.toContain("SCRAM-SHA-256");
    expect(status).toBe(1);
  });
});
