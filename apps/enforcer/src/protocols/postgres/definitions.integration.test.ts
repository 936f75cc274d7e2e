import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type WireClient } from "./fixtures/wire.ts";

// What a statement means may hang on the one before it in the same text or batch, which has not run when it is judged.

const SCHEMA = "defined";
const SECRET = "hidden4711";
const ACCESS = `
@id("migrations") @description("Engineers change the schema here.")
permit (principal in Group::"engineering", action in [Action::"sql.ddl", Action::"sql.destroy.drop", Action::"sql.destroy.truncate", Action::"sql.admin.role"], resource);`;
const OBJECTS = `
  DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS ${SCHEMA}_too CASCADE;
  CREATE SCHEMA ${SCHEMA}; CREATE SCHEMA ${SCHEMA}_too;
  CREATE TABLE ${SCHEMA}.people (id integer PRIMARY KEY, ssn text, note text);
  CREATE TABLE ${SCHEMA}.plain (id integer PRIMARY KEY, ssn text, note text);
  CREATE TABLE ${SCHEMA}.visits (id integer PRIMARY KEY, person integer REFERENCES ${SCHEMA}.people, page text);
  INSERT INTO ${SCHEMA}.people SELECT n, '${SECRET}' || n, 'note ' || n FROM generate_series(1, 3) n;
  INSERT INTO ${SCHEMA}.plain SELECT n, 'open ' || n, 'note ' || n FROM generate_series(1, 3) n;
  CREATE VIEW ${SCHEMA}.shown AS SELECT id, note AS x FROM ${SCHEMA}.people;
  CREATE VIEW ${SCHEMA}.closed AS SELECT id, ssn AS x FROM ${SCHEMA}.people;
  CREATE TABLE ${SCHEMA}_too.people (id integer, ssn text, note text);
  CREATE FUNCTION ${SCHEMA}.harmless(wanted integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT note FROM ${SCHEMA}.people WHERE id = wanted';
  CREATE FUNCTION ${SCHEMA}.opens() RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN CREATE OR REPLACE VIEW ${SCHEMA}.shown AS SELECT id, ssn AS x FROM ${SCHEMA}.people; END $$`;

let site: TestSite;
let owner: pg.Client;

beforeAll(async () => {
  const { owner: login, ...upstream } = inject("upstream");
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  owner = new pg.Client({ ...upstream, ...login, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  site = await startTestSite({
    upstream: { ...upstream, ...login },
    masking,
    environment: "staging",
    access: ACCESS,
    without: ["schema-change", "destructive-command", "role-change"],
  });
  site.change((content) => ({
    ...content,
    dataClasses: content.dataClasses.map(({ name }) => ({ name, strategy: "redact" })),
    columnClasses: [SCHEMA, `${SCHEMA}_too`].map((schema) => ({
      resourceId: content.resources[0]?.id ?? "",
      schema,
      table: "people",
      column: "ssn",
      classes: ["ssn"],
    })),
  }));
});
afterAll(async () => {
  await site?.close();
  await owner?.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS ${SCHEMA}_too CASCADE`);
  await owner?.end();
});
beforeEach(remake);

let changed = true;

/** Whoever reads the catalogue meanwhile can stand in the way once. Nothing changed where the last text failed. */
async function remake(): Promise<void> {
  if (!changed) return;
  await owner.query(OBJECTS).catch((cause: unknown) => {
    if (!(cause instanceof pg.DatabaseError) || cause.code !== "40P01") throw cause;
    return owner.query(OBJECTS);
  });
}

/** Ends what is open, so that nobody waits for its locks. */
async function leave(client: WireClient): Promise<void> {
  if (!client.closed) {
    client.send(encode.query("ROLLBACK"));
    await client.answers();
  }
  client.destroy();
}

async function session(path = `${SCHEMA}, ${SCHEMA}_too`): Promise<WireClient> {
  const client = await openWire(site, { params: { search_path: path } });
  await client.answers();
  return client;
}

interface Told {
  readonly text: string;
  readonly rows: string[];
  readonly errors: string[];
}

async function told(client: WireClient, readies = 1): Promise<Told> {
  const seen = await client.answers(readies);
  return {
    text: seen.map(({ body }) => body.toString("latin1")).join("\n"),
    rows: seen.filter(({ type }) => type === "D").map(({ body }) => body.subarray(6).toString("latin1")),
    errors: seen.filter(({ type }) => type === "E").map(({ code, text }) => `${code} ${text}`),
  };
}

/** All statements before any answer: in one text, in one batch, and prepared before any runs. */
const WAYS: Record<string, (client: WireClient, texts: readonly string[]) => Promise<Told>> = {
  "in one text": (client, texts) => {
    client.send(encode.query(texts.join("; ")));
    return told(client);
  },
  "in one batch without Sync": (client, texts) => {
    client.send(
      ...texts.flatMap((text) => [encode.parse("", text), bind("", ""), encode.execute("", 0)]),
      encode.sync(),
    );
    return told(client);
  },
  "in one batch, prepared first": (client, texts) => {
    client.send(...texts.map((text, at) => encode.parse(`s${at}`, text)));
    client.send(...texts.flatMap((_, at) => [bind("", `s${at}`), encode.execute("", 0)]), encode.sync());
    return told(client);
  },
  "in one batch, bound first": (client, texts) => {
    client.send(...texts.flatMap((text, at) => [encode.parse(`s${at}`, text), bind(`p${at}`, `s${at}`)]));
    client.send(...texts.map((_, at) => encode.execute(`p${at}`, 0)), encode.sync());
    return told(client);
  },
  "one after the other in a transaction": async (client, texts) => {
    const all: Told[] = [];
    for (const text of ["BEGIN", ...texts]) {
      client.send(encode.query(text));
      all.push(await told(client));
    }
    return {
      text: all.map(({ text }) => text).join("\n"),
      rows: all.flatMap(({ rows }) => rows),
      errors: all.flatMap(({ errors }) => errors),
    };
  },
};

const ATTACKS: readonly (readonly string[])[] = [
  ["CREATE VIEW v AS SELECT ssn AS x FROM people", "SELECT x FROM v"],
  ["CREATE VIEW v AS SELECT ssn AS x FROM people", "SELECT x || '' FROM v"],
  ["CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people", "SELECT x || '' FROM shown"],
  [
    "CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people",
    "EXPLAIN ANALYZE SELECT x FROM shown",
    "SELECT upper(x) FROM shown",
  ],
  ["ALTER TABLE people RENAME COLUMN ssn TO other", "SELECT other || '' FROM people"],
  ["ALTER TABLE people RENAME note TO was", "ALTER TABLE people RENAME ssn TO note", "SELECT note || '' FROM people"],
  ["ALTER TABLE plain RENAME TO was", "ALTER TABLE people RENAME TO plain", "SELECT ssn || '' FROM plain"],
  ["ALTER TABLE people RENAME TO open", "SELECT ssn || '' FROM open"],
  ["ALTER TABLE people ALTER COLUMN note TYPE text USING ssn", "SELECT note || '' FROM people"],
  [`ALTER TABLE people SET SCHEMA ${SCHEMA}_open`, "SELECT ssn FROM people"],
  [`ALTER SCHEMA ${SCHEMA} RENAME TO ${SCHEMA}_was`, `SELECT ssn || '' FROM ${SCHEMA}_was.people`],
  ["CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ssn FROM people LIMIT 1'", "SELECT f()"],
  [
    "CREATE OR REPLACE FUNCTION harmless(wanted integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT ssn FROM people WHERE id = wanted'",
    "SELECT harmless(1)",
  ],
  [
    "CREATE OR REPLACE FUNCTION harmless(wanted integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT ssn FROM people WHERE id = wanted'",
    "SELECT harmless(id) || '' FROM plain",
  ],
  [
    "CREATE FUNCTION lower(plain) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM people LIMIT 1'",
    "SELECT lower(p) FROM plain p",
  ],
  [
    "CREATE FUNCTION peek(plain) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM people LIMIT 1'",
    "SELECT p.peek FROM plain p",
  ],
  [
    "CREATE FUNCTION glue(text, text) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM people LIMIT 1'",
    "CREATE OPERATOR |+| (LEFTARG = text, RIGHTARG = text, FUNCTION = glue)",
    "SELECT 'a'::text |+| 'b'",
  ],
  ["DO $$ BEGIN CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people; END $$", "SELECT x || '' FROM shown"],
  ["SELECT opens()", "SELECT x || '' FROM shown"],
  ["SELECT opens(), harmless(1)", "SELECT x || '' FROM shown"],
  [
    "SET search_path = defined_too",
    "CREATE VIEW people2 AS SELECT ssn AS x FROM defined.people",
    "SELECT x || '' FROM people2",
  ],
  ["CREATE TABLE copied AS SELECT ssn AS x FROM people", "SELECT x FROM copied"],
  ["SELECT ssn AS x INTO copied FROM people", "SELECT x FROM copied"],
  ["CREATE TEMP TABLE plain AS SELECT ssn, id, note FROM people", "SELECT ssn || '' FROM plain"],
  ["CREATE TEMP VIEW plain AS SELECT ssn FROM people", "SELECT ssn || '' FROM plain"],
  ["ALTER TABLE people ADD COLUMN x text GENERATED ALWAYS AS (ssn) STORED", "SELECT x || '' FROM people"],
  [
    "CREATE TABLE over (id integer, ssn text, note text)",
    "ALTER TABLE people DROP CONSTRAINT people_pkey CASCADE",
    "ALTER TABLE people INHERIT over",
    "SELECT ssn || '' FROM over",
  ],
  [
    "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := (SELECT ssn FROM people LIMIT 1); RETURN NEW; END $$",
    "CREATE TRIGGER fill BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION fill()",
    "INSERT INTO plain (id) VALUES (9) RETURNING note",
  ],
  [
    "CREATE RULE r AS ON UPDATE TO visits DO INSTEAD SELECT ssn FROM people",
    "UPDATE visits SET page = '' WHERE id = 1",
  ],
  ["CREATE POLICY p ON plain USING (harmless(id) IS NOT NULL)", "SELECT * FROM plain"],
  [
    "SAVEPOINT s",
    "CREATE OR REPLACE VIEW closed AS SELECT id, note AS x FROM people",
    "ROLLBACK TO s",
    "SELECT x || '' FROM closed",
  ],
  ["SAVEPOINT s", "CREATE TABLE defined.fresh (x text)", "ROLLBACK TO s", "SELECT x FROM fresh"],
  [
    "PREPARE q AS SELECT x || '' FROM shown",
    "CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people",
    "EXECUTE q",
  ],
  [
    "DECLARE c CURSOR FOR SELECT x FROM shown",
    "CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people",
    "FETCH ALL FROM c",
  ],
  ["CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people", "COPY (SELECT x || '' FROM shown) TO STDOUT"],
  [
    "CREATE OR REPLACE VIEW shown AS SELECT id, ssn AS x FROM people",
    "INSERT INTO plain (id, note) SELECT id + 10, x FROM shown RETURNING note",
  ],
  ["DROP VIEW shown", "CREATE VIEW shown AS SELECT id, ssn AS x FROM people", "SELECT x || '' FROM shown"],
  [
    "ALTER TABLE people RENAME COLUMN note TO was",
    "ALTER TABLE people RENAME COLUMN ssn TO note",
    "SELECT x || '' FROM shown",
    "SELECT harmless(1)",
  ],
];

describe.each(Object.entries(WAYS))("statements behind a definition, sent %s,", (way, send) => {
  test.each(ATTACKS.map((texts) => [texts.join("; "), texts] as const))("show nothing hidden: %s", async (_, texts) => {
    const client = await session();
    const { errors, text } = await send(client, texts);
    await leave(client);
    changed = errors.length === 0 && !way.includes("transaction");
    expect(text).not.toContain(SECRET);
  });
});

test("the attacks above do show something hidden to whom nothing stands in the way of", async () => {
  const bare: string[] = [];
  for (const texts of ATTACKS) {
    await owner.query(`SET search_path = ${SCHEMA}, ${SCHEMA}_too; BEGIN`);
    const shown: unknown[] = [];
    for (const text of texts)
      shown.push(
        await owner.query(text).then(
          ({ rows }) => rows,
          (cause: unknown) => String(cause),
        ),
      );
    await owner.query("ROLLBACK; RESET search_path");
    if (JSON.stringify(shown).includes(SECRET)) bare.push(texts.join("; "));
  }
  expect(bare.length).toBeGreaterThanOrEqual(28);
});

const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN')`,
    `CREATE TABLE "User" ("id" SERIAL NOT NULL, "email" TEXT NOT NULL, "role" "Role" NOT NULL DEFAULT 'USER', "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT "User_pkey" PRIMARY KEY ("id"))`,
    `CREATE TABLE "Post" ("id" UUID NOT NULL DEFAULT gen_random_uuid(), "title" VARCHAR(255) NOT NULL, "authorId" INTEGER, CONSTRAINT "Post_pkey" PRIMARY KEY ("id"))`,
    `CREATE UNIQUE INDEX "User_email_key" ON "User"("email")`,
    `ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE`,
  ],
  [
    "ALTER TABLE plain ADD COLUMN size integer",
    "UPDATE plain SET size = length(note) WHERE id < 100",
    "ALTER TABLE plain ALTER COLUMN size SET NOT NULL, ALTER COLUMN size SET DEFAULT 0",
    "CREATE INDEX plain_size ON plain (size) WHERE size > 3",
    "SELECT size, note FROM plain",
  ],
  [
    "CREATE TABLE colours (id integer PRIMARY KEY, name text NOT NULL CHECK (length(name) > 2), made timestamptz DEFAULT now())",
    "INSERT INTO colours (id, name) VALUES (1, 'red'), (2, 'blue') ON CONFLICT (id) DO NOTHING",
    "INSERT INTO colours (id, name) SELECT id + 10, note FROM plain",
    "SELECT count(*) FROM colours",
    "DROP TABLE colours",
  ],
  [
    "CREATE TABLE IF NOT EXISTS defined.settings (key text PRIMARY KEY, value jsonb NOT NULL DEFAULT '{}')",
    "INSERT INTO defined.settings (key) VALUES ('a') RETURNING key",
    "COMMENT ON TABLE defined.settings IS 'what is set'",
    "GRANT SELECT ON defined.settings TO PUBLIC",
  ],
  [
    "ALTER TABLE visits RENAME TO calls",
    "ALTER TABLE calls RENAME CONSTRAINT visits_pkey TO calls_pkey",
    "ALTER INDEX IF EXISTS visits_page RENAME TO calls_page",
    "ALTER TABLE calls ADD COLUMN seconds integer NOT NULL DEFAULT 0",
    "INSERT INTO calls (id, page, seconds) VALUES (1, 'start', 5)",
  ],
  [
    "CREATE TABLE recent AS SELECT id, note FROM people WHERE id < 3",
    "CREATE INDEX recent_note ON recent (lower(note))",
    "ALTER TABLE recent ADD PRIMARY KEY (id)",
    "SELECT note FROM recent",
  ],
  [
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.page := lower(NEW.page); RETURN NEW; END $$",
    "CREATE TRIGGER stamp BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION stamp()",
    "ALTER TABLE visits ALTER COLUMN page TYPE varchar(40)",
    "CREATE VIEW pages AS SELECT DISTINCT page FROM visits",
    "ALTER TABLE visits DROP COLUMN person",
  ],
  [
    `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}_too`,
    `CREATE TABLE ${SCHEMA}_too.log (id bigint GENERATED ALWAYS AS IDENTITY, line text)`,
    `INSERT INTO ${SCHEMA}_too.log (line) VALUES ('first')`,
    `SELECT line FROM ${SCHEMA}_too.log`,
    `TRUNCATE ${SCHEMA}_too.log`,
    `DROP TABLE ${SCHEMA}_too.log`,
  ],
];

describe.each(Object.entries(WAYS).filter(([way]) => !way.endsWith("first")))("a migration sent %s", (way, send) => {
  test.each(MIGRATIONS.map((texts) => [texts[0], texts] as const))("goes on working: %s …", async (_, texts) => {
    const client = await session(SCHEMA);
    const { errors } = await send(client, texts);
    await leave(client);
    changed = true;
    expect(errors, way).toEqual([]);
  });
});
