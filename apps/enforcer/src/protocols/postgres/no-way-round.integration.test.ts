import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { type CorpusCase, readCorpus } from "../../languages/sql/corpus/load-corpus.fixture.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire } from "./fixtures/wire.ts";

const SCHEMA = "no_way_round";
const OTHER = "no_way_round_hr";
const MODES = ["simple", "extended"] as const;
/** After so many statements the state is compared, so that a difference is found near its cause. */
const BATCH = 40;

let owner: pg.Client;
let production: TestSite;
let development: TestSite;

/** The corpus' second schema has a fixed name, which other tests use at the same time. */
const placed = (text: string) => text.replaceAll(/\bhr\b/g, OTHER).replaceAll(/\bpublic\./g, `${SCHEMA}.`);

beforeAll(async () => {
  const { caFile, owner: login, ...server } = inject("upstream");
  owner = new pg.Client({ ...server, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
  await owner.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS ${OTHER} CASCADE;
    CREATE SCHEMA ${SCHEMA}; SET search_path = ${SCHEMA}, public`);
  await owner.query(placed(readFileSync(new URL("../../languages/sql/corpus/schema.sql", import.meta.url), "utf8")));
  // Sluice logs in as the owner of it all: nothing but Sluice is in the way.
  const upstream = { ...server, ...login, caFile };
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  production = await startTestSite({ upstream, masking });
  development = await startTestSite({ upstream, masking, environment: "development" });
});

afterAll(async () => {
  await production?.close();
  await development?.close();
  await owner.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS ${OTHER} CASCADE`);
  await owner.end();
});

async function connect(site: TestSite, user: string, password: string): Promise<pg.Client> {
  const ssl = { ca: readFileSync(site.caFile, "utf8") };
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user,
    password,
    ssl,
    query_timeout: 5_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  await client.query(`SET search_path = ${SCHEMA}, public`);
  return client;
}

/** What there is not, or is no SQL, is answered as the server would. */
const NOTHING_THERE = new Set(["42601", "42P01", "42883", "42703"]);

/** What the client is told: "done", "nothing there", or the error's message. */
async function tell(client: pg.Client, text: string, mode: (typeof MODES)[number]): Promise<string> {
  try {
    const query: pg.QueryConfig & { queryMode?: "extended" } =
      mode === "extended" ? { text, queryMode: mode } : { text };
    await client.query(query);
    return "done";
  } catch (error) {
    if (!(error instanceof Error)) return "an error";
    const missing = "code" in error && typeof error.code === "string" && NOTHING_THERE.has(error.code);
    return missing ? "nothing there" : error.message;
  }
}

/** Content of every table, every object with its rights, every role, setting and large object, as one text each. */
async function state(): Promise<Record<string, string | null>> {
  const tables = await owner.query<{ name: string }>(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
     WHERE schemaname IN ('${SCHEMA}', '${OTHER}') ORDER BY 1`,
  );
  const contents = tables.rows.map(
    ({ name }) =>
      `(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${name} t) AS "${name.replaceAll('"', "")}"`,
  );
  const ours = `('${SCHEMA}'::regnamespace, '${OTHER}'::regnamespace)`;
  const versions = (table: string, key: string, where: string) =>
    `(SELECT md5(string_agg(${key}::text || xmin::text, ',' ORDER BY ${key})) FROM ${table} WHERE ${where}) AS ${table}`;
  const objects = [
    versions("pg_class", "oid", `relnamespace IN ${ours} AND relkind <> 'S'`),
    versions("pg_attribute", "attrelid", `attrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ${ours})`),
    versions("pg_proc", "oid", `pronamespace IN ${ours}`),
    versions("pg_type", "oid", `typnamespace IN ${ours}`),
    versions("pg_namespace", "oid", `oid IN ${ours}`),
    versions("pg_trigger", "oid", `tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ${ours})`),
    versions("pg_policy", "oid", `polrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ${ours})`),
    versions("pg_constraint", "oid", `connamespace IN ${ours}`),
    versions("pg_largeobject_metadata", "oid", "true"),
    "(SELECT md5(string_agg(r::text, '|' ORDER BY rolname)) FROM pg_roles r) AS roles",
    "(SELECT md5(string_agg(m::text, '|' ORDER BY m::text)) FROM pg_auth_members m) AS members",
    "(SELECT md5(string_agg(s::text, '|' ORDER BY s::text)) FROM pg_db_role_setting s) AS settings",
    `(SELECT string_agg(sequencename || ' ' || coalesce(last_value, 0), ',' ORDER BY sequencename) FROM pg_sequences
      WHERE schemaname = '${SCHEMA}') AS sequences`,
    "(SELECT count(*)::text FROM pg_prepared_xacts) AS prepared",
    `(SELECT md5(string_agg(d::text, '|' ORDER BY d::text)) FROM pg_description d
      WHERE d.objoid IN (SELECT oid FROM pg_class WHERE relnamespace IN ${ours})) AS comments`,
  ];
  const seen = await owner.query<Record<string, string | null>>(`SELECT ${[...contents, ...objects].join(", ")}`);
  return seen.rows[0] ?? {};
}

test("the comparison of states notices a changed row, a right, a sequence and a comment", async () => {
  const before = await state();
  for (const change of [
    "UPDATE orders SET note = 'changed' WHERE id = 1",
    "GRANT SELECT ON orders TO PUBLIC",
    "SELECT nextval('tickets')",
    "COMMENT ON TABLE orders IS 'changed'",
    "ALTER FUNCTION twice(int) COST 5",
  ]) {
    await owner.query("BEGIN");
    await owner.query(change);
    expect(await state(), change).not.toEqual(before);
    await owner.query("ROLLBACK");
  }
  // a sequence does not go back
  await owner.query("ALTER SEQUENCE tickets RESTART");
});

const STRANGERS = [
  ["an agent that acts for an engineer", "copilot", "token:copilot:ana"],
  ["an approver", "bo", "token:bo"],
] as const;

test.each(STRANGERS)(
  "nothing of the hostile corpus changes anything for %s, over both protocols",
  async (_, user, token) => {
    const cases = readCorpus("hostile").map((each) => ({ ...each, text: placed(each.text) }));
    const before = await state();
    let tried = 0;
    const passed: string[] = [];
    for (const mode of MODES) {
      for (let at = 0; at < cases.length; at += BATCH) {
        passed.push(...(await hostile(cases.slice(at, at + BATCH), mode, [user, token])));
        tried += Math.min(BATCH, cases.length - at);
        expect(await state(), `${mode}, from line ${cases[at]?.line}`).toEqual(before);
      }
    }
    console.info(`hostile statements as ${user}: ${cases.length} over ${MODES.length} protocols, ${tried} tried`);
    expect(passed).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(300);
  },
  300_000,
);

test("a parameter whose declared type has checks that call functions is not bound: they would write", async () => {
  const types = await owner.query<{ oid: number }>(
    `SELECT oid::int FROM pg_type WHERE typnamespace = '${SCHEMA}'::regnamespace
     AND typname IN ('mail', '_mail', 'with_mail', 'mailbox') ORDER BY typname`,
  );
  expect(types.rows).toHaveLength(4);
  const before = await state();
  for (const [, user, token] of STRANGERS) {
    const client = await openWire(production, { user, token });
    await client.answers();
    for (const { oid } of types.rows) {
      client.send(encode.parse("", "SELECT $1", [oid]), bind("", "", ["x"]), encode.execute("", 0), encode.sync());
      const answers = await client.answers();
      expect(answers.map(({ code, text }) => `${code} ${text}`).join()).toContain("0A000 Sluice: ");
      // the type is open, and what the server takes it for is not checked
      client.send(encode.parse("", "SELECT 1 WHERE $1 = ''", [0]), encode.sync());
      expect((await client.answers()).map(({ type }) => type)).toEqual(["1", "Z"]);
    }
    client.destroy();
  }
  expect(await state()).toEqual(before);
});

/** Statements that were not refused by Sluice. */
async function hostile(
  cases: readonly CorpusCase[],
  mode: (typeof MODES)[number],
  [user, token]: readonly [string, string],
): Promise<string[]> {
  const client = await connect(production, user, token);
  const passed: string[] = [];
  for (const { line, text } of cases) {
    const told = await tell(client, text, mode);
    if (told !== "nothing there" && !told.startsWith("Sluice: "))
      passed.push(`line ${line}, ${mode}: ${text} → ${told}`);
    await client.query("ROLLBACK");
  }
  await client.end();
  return passed;
}

/** Understood, and refused by the starter pack on purpose: catalogues with secrets, advisory locks. */
const BY_POLICY = /^Sluice: (secret-catalogues|system-function): /;
const BY_POLICY_MAX = 4;

test("nothing of the honest corpus is refused to an engineer, over both protocols", async () => {
  const cases = readCorpus("honest").map((each) => ({ ...each, text: placed(each.text) }));
  const refused: string[] = [];
  let [done, guarded] = [0, 0];
  for (const mode of MODES) {
    const client = await connect(development, "ana", "token:ana");
    for (const { line, text } of cases) {
      // the client library itself cannot end a COPY of the extended protocol; flow.integration.test.ts does both
      if (mode === "extended" && /^COPY .* FROM STDIN/.test(text)) continue;
      const told = await tell(client, text, mode);
      if (BY_POLICY.test(told)) guarded += 1;
      else if (told.startsWith("Sluice: ")) refused.push(`line ${line}, ${mode}: ${text} → ${told}`);
      if (told === "done") done += 1;
      await client.query("ROLLBACK");
      await client.query(`SET search_path = ${SCHEMA}, public`);
    }
    await client.end();
  }
  console.info(
    `honest statements: ${cases.length} over ${MODES.length} protocols, ${done} carried out, ${refused.length} refused, ${guarded} kept back by the starter pack`,
  );
  expect(refused).toEqual([]);
  expect(guarded).toBeLessThanOrEqual(BY_POLICY_MAX * MODES.length);
  expect(done).toBeGreaterThan(600);
  expect(cases.length).toBeGreaterThanOrEqual(300);
}, 300_000);
