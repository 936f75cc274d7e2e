import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@sluice/infra/dev/postgres";
import pg from "pg";
import { loadCatalogue } from "../../apps/enforcer/src/catalogue/index.ts";
import {
  type Ask,
  type Trial,
  tryStatements,
} from "../../apps/enforcer/src/languages/sql/corpus/against-postgres.fixture.ts";
import {
  randomStatements,
  vocabularyOf,
} from "../../apps/enforcer/src/languages/sql/corpus/random-statements.fixture.ts";
import { loadSqlParser } from "../../apps/enforcer/src/languages/sql/index.ts";
import { removedWhenWeEnd } from "../kit/removed-when-we-end.ts";

const PASSWORD = "only-for-this-run";
const BATCH = 1_000;
const DIFFERENCES_MAX = 10;
const CORPUS = new URL("../../apps/enforcer/src/languages/sql/corpus/schema.sql", import.meta.url);
const SETTINGS = { searchPath: "public", standardConformingStrings: true, clientEncoding: "UTF8", role: "postgres" };

/**
 * Tries so many generated statements on a Postgres of its own: those called reads as its superuser, to whom nothing is
 * refused, and as a role that may only read.
 */
export async function fuzzSql(seed: number, count: number): Promise<Trial> {
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-fuzz-"));
  const remove = removedWhenWeEnd(stateDir);
  try {
    const server = await startPostgres({ stateDir, name: "fuzz", password: PASSWORD, throwAway: true });
    const { host, port } = server;
    const connected = async (user: string): Promise<pg.Client> => {
      const client = new pg.Client({ host, port, user, password: PASSWORD, database: "postgres" });
      await client.connect();
      return client;
    };
    const owner = await connected(server.user);
    await owner.query(readFileSync(CORPUS, "utf8"));
    await owner.query(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'; GRANT USAGE ON SCHEMA public, hr TO reader;
      GRANT SELECT ON ALL TABLES IN SCHEMA public, hr TO reader; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO reader`);
    const reader = await connected("reader");
    const total = await tryAll(seed, count, owner, reader);
    await Promise.all([owner.end(), reader.end()]);
    return total;
  } finally {
    await remove();
  }
}

async function tryAll(seed: number, count: number, owner: pg.Client, reader: pg.Client): Promise<Trial> {
  const ask = askOf(owner);
  const catalogue = await loadCatalogue(ask);
  for (const client of [owner, reader]) await client.query("SET search_path = public; SET statement_timeout = 2000");
  const analyser = await loadSqlParser();
  const total = { statements: 0, executed: 0, reads: 0, writes: 0, differences: [] as string[] };
  for (let at = 0; at < count && total.differences.length < DIFFERENCES_MAX; at += BATCH) {
    const texts = randomStatements(seed + at / BATCH, Math.min(BATCH, count - at), vocabularyOf(catalogue, "public"));
    const servers = { ask, reader: askOf(reader), readsOnly: true };
    const trial = await tryStatements(texts, (text) => analyser.analyse(text, SETTINGS, catalogue), servers, catalogue);
    for (const key of ["statements", "executed", "reads", "writes"] as const) total[key] += trial[key];
    total.differences.push(...trial.differences);
  }
  return total;
}

function askOf(client: pg.Client): Ask {
  return async (text) => {
    const types = { getTypeParser: () => String };
    const result = await client.query<(string | null)[]>({ text, rowMode: "array", types });
    return Array.isArray(result) ? [] : result.rows;
  };
}
