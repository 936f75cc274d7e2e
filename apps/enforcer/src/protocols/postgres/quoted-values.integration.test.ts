import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type WireClient } from "./fixtures/wire.ts";

// Functions and queries that the database runs by itself, for a table that holds nothing classified, and that fail aloud.

const SCHEMA = "quoted";
const SECRET = "hidden9184";
const ACCESS = `
@id("calls") @description("Engineers call functions here.")
permit (principal in Group::"engineering", action == Action::"sql.exec.call", resource);`;
const FAILS = (language: string) => `LANGUAGE plpgsql ${language} SECURITY DEFINER AS $$ BEGIN
  RAISE NOTICE 'seen %', (SELECT ssn FROM ${SCHEMA}.people LIMIT 1);
  RAISE EXCEPTION 'not for %', (SELECT ssn FROM ${SCHEMA}.people LIMIT 1)
    USING ERRCODE = 'insufficient_privilege', DETAIL = (SELECT ssn FROM ${SCHEMA}.people LIMIT 1); END $$`;

const objects = (role: string) => `
  DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}; SET search_path = ${SCHEMA};
  CREATE TABLE people (id integer PRIMARY KEY, ssn text);
  INSERT INTO people SELECT n, '${SECRET}' || n FROM generate_series(1, 3) n;
  CREATE VIEW contacts AS SELECT id, ssn AS contact FROM people;
  CREATE FUNCTION fails(integer) RETURNS boolean ${FAILS("STABLE")};
  CREATE FUNCTION fails_always(integer) RETURNS integer ${FAILS("IMMUTABLE")};
  CREATE FUNCTION casts(integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT ssn::integer > $1 FROM ${SCHEMA}.people';
  CREATE TABLE by_function (id integer); ALTER TABLE by_function ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON by_function USING (fails(id));
  CREATE TABLE by_cast (id integer); ALTER TABLE by_cast ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON by_cast USING (casts(id));
  CREATE TABLE by_query (id integer); ALTER TABLE by_query ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON by_query USING (id < (SELECT ssn::integer FROM people LIMIT 1));
  CREATE TABLE by_view (id integer); ALTER TABLE by_view ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON by_view USING (EXISTS (SELECT FROM contacts WHERE contact::date > now()));
  CREATE TABLE by_other (id integer); ALTER TABLE by_other ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON by_other USING (EXISTS (SELECT FROM by_query));
  CREATE VIEW over_query AS SELECT id FROM by_query;
  CREATE TABLE by_writing (id integer); ALTER TABLE by_writing ENABLE ROW LEVEL SECURITY;
  CREATE POLICY p ON by_writing WITH CHECK (id < (SELECT ssn::integer FROM people LIMIT 1));
  CREATE DOMAIN checked AS integer CHECK (fails(VALUE)); CREATE DOMAIN inner_checked AS checked;
  CREATE TYPE pair AS (a integer, b checked);
  CREATE TABLE by_domain (id serial, value checked); CREATE TABLE by_inner (id serial, value inner_checked[]);
  CREATE TABLE by_pair (id serial, value pair);
  CREATE TABLE by_default (id integer, value boolean DEFAULT fails(1));
  CREATE TABLE by_check (id integer CHECK (fails(id)));
  CREATE TABLE by_index (id integer); CREATE INDEX ON by_index (fails_always(id));
  CREATE TABLE by_condition (id integer); CREATE INDEX ON by_condition (id) WHERE fails_always(id) > 0;
  CREATE TABLE by_generation (id integer, value integer GENERATED ALWAYS AS (fails_always(id)) STORED);
  INSERT INTO by_function VALUES (1); INSERT INTO by_cast VALUES (1); INSERT INTO by_query VALUES (1);
  INSERT INTO by_view VALUES (1); INSERT INTO by_other VALUES (1);
  GRANT USAGE ON SCHEMA ${SCHEMA} TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${role};
  GRANT ALL ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${role}; RESET search_path`;

const TEXTS = [
  "SELECT id FROM by_function",
  "SELECT count(*) FROM by_function",
  "SELECT id FROM by_cast",
  "SELECT id FROM by_query",
  "SELECT 1 WHERE EXISTS (SELECT FROM by_query)",
  "SELECT id FROM by_view",
  "SELECT id FROM by_other",
  "SELECT id FROM over_query",
  "EXPLAIN ANALYZE SELECT id FROM by_query",
  "UPDATE by_query SET id = 2 WHERE id = 1",
  "DELETE FROM by_view WHERE id = 1",
  "INSERT INTO by_writing VALUES (1)",
  "INSERT INTO by_domain (value) VALUES (1)",
  "INSERT INTO by_inner (value) VALUES ('{1,2}')",
  "INSERT INTO by_pair (value) VALUES ('(1,2)')",
  "SELECT 1::checked",
  "SELECT '{1}'::inner_checked[]",
  "SELECT '(1,2)'::pair",
  "SELECT json_populate_record(NULL::by_domain, '{\"value\": 1}')",
  "INSERT INTO by_default (id) VALUES (1)",
  "INSERT INTO by_check VALUES (1)",
  "INSERT INTO by_index VALUES (1)",
  "INSERT INTO by_condition VALUES (1)",
  "INSERT INTO by_generation (id) VALUES (1)",
  "COPY by_query TO STDOUT",
];

let site: TestSite;
let owner: pg.Client;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  await owner.query(objects(upstream.user));
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  site = await startTestSite({ upstream, masking, environment: "development", access: ACCESS });
  site.change((content) => ({
    ...content,
    columnClasses: [
      { resourceId: content.resources[0]?.id ?? "", schema: SCHEMA, table: "people", column: "ssn", classes: ["ssn"] },
    ],
  }));
});
afterAll(async () => {
  await site?.close();
  await owner?.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await owner?.end();
});

async function answer(client: WireClient, text: string, extended: boolean): Promise<string> {
  if (extended) client.send(encode.parse("", text), bind("", ""), encode.execute("", 0), encode.sync());
  else client.send(encode.query(text));
  return (await client.answers()).map(({ body }) => body.toString("latin1")).join("\n");
}

describe.each([
  ["simple", false],
  ["extended", true],
])("an error of what the database runs by itself, over the %s protocol,", (_, extended) => {
  test("quotes no hidden value", async () => {
    const client = await openWire(site, { params: { search_path: SCHEMA } });
    await client.answers();
    const told: string[] = [];
    for (const text of TEXTS) {
      const shown = await answer(client, text, extended);
      if (shown.includes(SECRET)) told.push(`${text}: ${shown}`);
    }
    client.destroy();
    expect(told).toEqual([]);
  });
});

test("the same errors do quote it where nothing is hidden", async () => {
  const { columnClasses } = await new Promise<{ columnClasses: unknown[] }>((resolve) =>
    site.change((content) => {
      resolve(content);
      return { ...content, columnClasses: [] };
    }),
  );
  expect(columnClasses).toHaveLength(1);
  const client = await openWire(site, { params: { search_path: SCHEMA } });
  await client.answers();
  let quoting = 0;
  for (const text of TEXTS) if ((await answer(client, text, false)).includes(SECRET)) quoting += 1;
  client.destroy();
  expect(quoting).toBeGreaterThan(TEXTS.length / 2);
});

test("what a domain's check does is part of what a write of its column does", async () => {
  const { functions } = await written("INSERT INTO by_inner (value) VALUES ('{1}')");
  expect(functions).toContain(`${SCHEMA}.fails`);
});

async function written(text: string): Promise<{ readonly functions: readonly string[] }> {
  const client = await openWire(site, { params: { search_path: SCHEMA } });
  await client.answers();
  await answer(client, text, false);
  client.destroy();
  const draft = site.drafts.findLast(({ statement }) => statement === text);
  return { functions: draft?.facts?.functions ?? [] };
}
