import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { startPostgres } from "@sluice/infra/dev/postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removedWhenWeEnd } from "../../../../../test/kit/removed-when-we-end.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire, type WireClient } from "./fixtures/wire.ts";

const SECRET = "zebrafinch@hidden.test";
const SETUP = (port: number) => `
CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw; CREATE EXTENSION pageinspect;
CREATE EXTENSION pgstattuple; CREATE EXTENSION pg_stat_statements; CREATE EXTENSION tablefunc; CREATE EXTENSION pg_walinspect;
CREATE EXTENSION pg_buffercache; CREATE EXTENSION xml2; CREATE EXTENSION pg_trgm; CREATE EXTENSION pgrowlocks; CREATE EXTENSION amcheck;
CREATE EXTENSION hstore; CREATE EXTENSION pg_visibility; CREATE EXTENSION pg_prewarm; CREATE EXTENSION lo;
CREATE TABLE people (id int PRIMARY KEY, city text, email text);
INSERT INTO people SELECT g, 'Oslo', '${SECRET}' FROM generate_series(1, 5) g;
CREATE TABLE guarded (id int PRIMARY KEY, city text, email text);
INSERT INTO guarded SELECT g, 'Oslo', '${SECRET}' FROM generate_series(1, 5) g;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE FUNCTION tells(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END';
CREATE FUNCTION tells_eq(text, text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS 'BEGIN RAISE NOTICE ''% %'', $1, $2; RETURN true; END';
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = tells_eq);
CREATE POLICY early ON guarded USING (email > current_setting('app.mail', true) OR id < 3);
CREATE VIEW safe WITH (security_barrier) AS SELECT id, city FROM people WHERE email > 'a';
CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER none FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE never (id int) SERVER none;
CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${port}', dbname 'postgres');
CREATE FOREIGN TABLE far (id int, email text) SERVER self OPTIONS (table_name 'people');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE hosts (line text) SERVER files OPTIONS (filename '/etc/hostname');
CREATE FOREIGN TABLE mails (email text) SERVER files OPTIONS (program 'echo ${SECRET}');
SELECT lo_from_bytea(4242, '${SECRET}'::bytea);
ANALYZE;
`;
let owner: pg.Client;
let site: TestSite;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-reach-"));
  stop = removedWhenWeEnd(stateDir);
  const ca = await devCa(join(stateDir, "ca"));
  const password = randomBytes(24).toString("base64url");
  const certificate = await serverCertificate(ca, "reach");
  const { host, port, user } = await startPostgres({ stateDir, name: "reach", password, certificate, throwAway: true });
  const upstream = { host, port, user, password, database: "postgres", caFile: ca.caFile };
  owner = new pg.Client({ ...upstream, ssl: { ca: readFileSync(ca.caFile, "utf8") } });
  await owner.connect();
  await owner.query(SETUP(port));
  // Sluice logs in as the server's superuser: nothing but Sluice is in the way.
  site = await startTestSite({
    upstream,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
  });
  site.change((content) => ({
    ...content,
    columnClasses: ["people", "guarded", "far", "mails"].map((table) => ({
      resourceId: content.resources[0]?.id ?? "",
      schema: "public",
      table,
      column: "email",
      classes: ["email"],
    })),
  }));
});
afterAll(async () => {
  await site?.close();
  await owner?.end();
  await stop?.();
});
/** By what reaches past tables: who must be told no, and by which policy. */
const REFUSED: Record<string, string[]> = {
  "other servers": [
    "SELECT * FROM dblink('dbname=postgres', 'SELECT email FROM people') t(e text)",
    "SELECT dblink_exec('dbname=postgres', 'DELETE FROM people')",
    "SELECT dblink_connect('dbname=postgres')",
    "SELECT dblink_connect_u('dbname=postgres')",
    "SELECT dblink_send_query('one', 'DELETE FROM people')",
    "SELECT dblink_get_connections()",
    "SELECT postgres_fdw_get_connections()",
    "SELECT umoptions FROM pg_user_mappings",
    "SELECT conninfo FROM pg_stat_wal_receiver",
    "SELECT pg_stat_get_wal_receiver()",
    "SELECT conninfo FROM pg_stat_get_wal_receiver()",
    "SELECT subconninfo FROM pg_subscription",
  ],
  "statements in texts": [
    "SELECT * FROM crosstab('SELECT id, city, email FROM people') AS ct(id int, e text)",
    "SELECT * FROM xpath_table('id', 'email', 'people', '/a', 'true') AS t(id int, e text)",
    "SELECT * FROM connectby('people', 'id', 'email', '1', 0) AS t(id int, e text, level int)",
  ],
  "pages and the log of writes": [
    "SELECT get_raw_page('people', 0)",
    "SELECT t_data FROM heap_page_items(get_raw_page('people', 0))",
    "SELECT * FROM pg_get_wal_records_info('0/0', 'FFFFFFFF/FFFFFFFF')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
  ],
  "large objects": [
    "SELECT lo_get(4242)",
    "SELECT lo_open(4242, 262144)",
    "SELECT loread(0, 10)",
    "SELECT data FROM pg_largeobject",
    "SELECT lo_put(4242, 0, 'x')",
    "SELECT lo_unlink(4242)",
    "SELECT lo_export(4242, '/tmp/reaching-out')",
  ],
  "files and programs": [
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_read_file('PG_VERSION', 0, 5)",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_stat_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT * FROM pg_ls_waldir()",
    "SELECT pg_current_logfile()",
    "SELECT * FROM pg_hba_file_rules",
    "COPY people TO PROGRAM 'cat > /tmp/reaching-out'",
    "COPY people FROM PROGRAM 'echo 99'",
    "COPY people (city) TO '/tmp/reaching-out'",
    "COPY people FROM '/etc/passwd'",
  ],
  "advisory locks": [
    "SELECT pg_advisory_lock(7)",
    "SELECT pg_try_advisory_xact_lock(7, 8)",
    "SELECT pg_advisory_lock_shared(ascii(email)) FROM people",
    "SELECT pg_advisory_unlock_all()",
  ],
};
/** What an agent is refused beyond that. */
const AGENTS_ALONE = [
  "SELECT query FROM pg_stat_statements(true)",
  "SELECT query FROM pg_stat_statements",
  "SELECT query FROM pg_stat_activity",
  "SELECT * FROM pgstattuple('people')",
  "SELECT * FROM pgrowlocks('people')",
  "SELECT id FROM people WHERE email % 'zebra'",
  "SELECT hstore(p) FROM people p",
  "INSERT INTO far VALUES (9, 'x')",
  "SELECT id FROM people FOR UPDATE",
  "NOTIFY channel, 'x'",
  "SELECT pg_sleep(CASE WHEN email > 'm' THEN 1 ELSE 0 END) FROM people",
];

async function refusalOf(wire: WireClient, text: string): Promise<string> {
  wire.send(encode.query(text));
  const seen = await wire.answers();
  expect(seen.filter(({ body }) => /zebra|7a65627261/i.test(body.toString("latin1")))).toEqual([]);
  const error = seen.find(({ type }) => type === "E");
  return `${error?.code} ${error?.text}`;
}

describe.each([
  ["an agent", "copilot", "token:copilot:ana"],
  ["a person who may call functions", "ana", "token:ana"],
] as const)("%s", (_who, user, token) => {
  test.each(Object.keys(REFUSED))("does not reach %s", async (what) => {
    for (const text of REFUSED[what] ?? []) {
      const wire = await openWire(site, { user, token });
      await wire.answers();
      expect(`${text}: ${await refusalOf(wire, text)}`).toMatch(/: 42501 Sluice: [a-z-]+: /);
      wire.destroy();
    }
    expect((await owner.query("SELECT count(*)::int AS n FROM people")).rows).toEqual([{ n: 5 }]);
  });
});

describe("an agent", () => {
  let wire: WireClient;
  beforeAll(async () => {
    wire = await openWire(site, { user: "copilot", token: "token:copilot:ana" });
    await wire.answers();
  });
  afterAll(() => wire?.destroy());

  test.each(AGENTS_ALONE)("is refused %s", async (text) => {
    expect(await refusalOf(wire, text)).toMatch(/^42501 Sluice: /);
  });

  test("asks no guess of a row-security policy by a setting that it reads, nor by a function of low cost", async () => {
    for (const text of [
      "SET app.mail = 'zeb'",
      "SELECT set_config('app.mail', 'zeb', false)",
      "SET LOCAL app.mail TO 'zeb'",
      "SELECT id FROM guarded WHERE tells(email)",
      "SELECT id FROM guarded WHERE email === 'x'",
      "SELECT id FROM guarded WHERE (SELECT guarded.email) === 'x'",
      "SELECT id FROM safe WHERE tells(city)",
      "EXPLAIN ANALYZE SELECT id FROM guarded WHERE email > 'a'",
    ])
      expect(`${text}: ${await refusalOf(wire, text)}`).toMatch(/: 42501 Sluice: /);
    // what it does not choose it may use: the policy's own rows, functions over columns without a class
    expect(await refusalOf(wire, "SELECT id FROM guarded")).toBe("undefined undefined");
    expect(await refusalOf(wire, "SELECT id FROM guarded WHERE tells(city)")).toBe("undefined undefined");
  });

  test("reads foreign tables like others, with what is classified in them hidden", async () => {
    expect(await refusalOf(wire, "SELECT line FROM hosts")).toBe("undefined undefined");
    expect(await refusalOf(wire, "SELECT email FROM mails")).toBe("undefined undefined");
    expect(await refusalOf(wire, "SELECT id FROM never")).toMatch(/^55000 /);
  });
});
