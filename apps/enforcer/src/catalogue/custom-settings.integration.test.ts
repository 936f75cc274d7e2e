import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import "../../../../test/kit/provided.ts";
import { loadCatalogue } from "./load.ts";

let owner: pg.Client;

beforeAll(async () => {
  const { caFile, database, host, owner: login, port } = inject("upstream");
  owner = new pg.Client({ host, port, database, ...login, ssl: { ca: readFileSync(caFile, "utf8") } });
  await owner.connect();
  await owner.query("DROP SCHEMA IF EXISTS reads_settings CASCADE; CREATE SCHEMA reads_settings");
});
afterAll(async () => {
  await owner?.query("DROP SCHEMA IF EXISTS reads_settings CASCADE");
  await owner?.end();
});

async function customSettings() {
  const types = { getTypeParser: () => String };
  const query = async (text: string): Promise<string[][]> => {
    const answer: unknown = await owner.query({ text, rowMode: "array", types });
    const rows = typeof answer === "object" && answer !== null && "rows" in answer ? answer.rows : [];
    return Array.isArray(rows) ? rows : [];
  };
  return (await loadCatalogue(query)).customSettings;
}

test("knows which settings policies, views, defaults, checks and bodies of a database read", async () => {
  await owner.query(`
    CREATE TABLE reads_settings.t (a text DEFAULT current_setting('own.filled', true), b text
      CHECK (b <> current_setting('own.checked', true)));
    ALTER TABLE reads_settings.t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON reads_settings.t USING (a = current_setting('own.Seen')) WITH CHECK (b = current_setting('own.kept'));
    CREATE VIEW reads_settings.v AS SELECT current_setting('own.viewed', true);
    CREATE FUNCTION reads_settings.f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN Current_Setting ( 'own.called' ); END $$`);
  const found = await customSettings();
  for (const name of ["filled", "checked", "seen", "kept", "viewed", "called"])
    expect(found?.read).toContain(`own.${name}`);
  expect(found?.read).not.toContain("own.note");
  expect(found?.prefixes).toContain("plpgsql");
});

test("takes any setting for read where a body does not say which", async () => {
  await owner.query(`CREATE FUNCTION reads_settings.any(name text) RETURNS text LANGUAGE plpgsql
    AS $$ BEGIN RETURN current_setting(name); END $$`);
  expect((await customSettings())?.read).toBe("any");
});
