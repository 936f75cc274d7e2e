import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type {} from "../../../../../test/kit/provided.ts";
import { catalogueFingerprint, loadCatalogue } from "../../catalogue/index.ts";
import { type ByteSink, planRowMasks, type WireField } from "../../masking/index.ts";
import type { Catalogue, StatementFacts } from "../facts.ts";
import { type Ask, tryStatements } from "./corpus/against-postgres.fixture.ts";
import { generatedStatements } from "./corpus/contexts.fixture.ts";
import { readCorpus, verdictOf } from "./corpus/load-corpus.fixture.ts";
import { hiddenFor, randomQueries, randomStars } from "./corpus/random-queries.fixture.ts";
import { randomStatements, vocabularyOf } from "./corpus/random-statements.fixture.ts";
import { loadSqlParser, type SqlAnalyser } from "./index.ts";

const SCHEMA = "facts_corpus";
const SETTINGS = {
  searchPath: `${SCHEMA}, public`,
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "shop_owner",
};

let client: pg.Client;
let analyser: SqlAnalyser;
let catalogue: Catalogue;
let secrets: readonly string[];

beforeAll(async () => {
  const { caFile, host, owner, port, database } = inject("upstream");
  client = new pg.Client({ host, port, database, ...owner, ssl: { ca: readFileSync(caFile, "utf8") } });
  await client.connect();
  const setup = readFileSync(new URL("corpus/schema.sql", import.meta.url), "utf8");
  await client.query(
    `DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS hr CASCADE; CREATE SCHEMA ${SCHEMA}`,
  );
  await client.query(`SET search_path = ${SCHEMA}, public`);
  await client.query(setup);
  await client.query(`ANALYZE ${SCHEMA}.customers; SET statement_timeout = 2000`);
  analyser = await loadSqlParser();
  catalogue = await loadCatalogue(rowsOf);
  await client.query("SET search_path = facts_corpus, public");
  const values = await rowsOf("SELECT email, phone, card, ssn FROM customers");
  secrets = values.flat().filter((value) => value !== null);
});

afterAll(async () => {
  await client.query(
    `RESET statement_timeout; DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS hr CASCADE`,
  );
  await client.end();
});

async function rowsOf(text: string): Promise<(string | null)[][]> {
  const result = await client.query<(string | null)[]>({
    text,
    rowMode: "array",
    types: { getTypeParser: () => String },
  });
  return result.rows;
}

function askOf(connection: pg.Client): Ask {
  return async (text) => {
    const types = { getTypeParser: () => String };
    const result = await connection.query<(string | null)[]>({ text, rowMode: "array", types });
    return Array.isArray(result) ? [] : result.rows;
  };
}

interface Answer {
  readonly fields: readonly WireField[];
  readonly rows: readonly (readonly (Buffer | null)[])[];
  /** the server gave the transaction an id, which it does when something is written */
  readonly wrote: boolean;
}

/** Runs a text in a transaction that is taken back; undefined when Postgres refuses it. */
async function run(text: string, binary: boolean): Promise<Answer | undefined> {
  await client.query("BEGIN");
  try {
    const config = { text, rowMode: "array", binary, types: { getTypeParser: () => (value: unknown) => value } };
    const result = await client.query<(Buffer | string | null)[]>(config);
    if (Array.isArray(result)) return undefined;
    const wrote = (await rowsOf("SELECT pg_current_xact_id_if_assigned()"))[0]?.[0] !== null;
    const fields = result.fields.map((field) => ({
      name: field.name,
      tableOid: field.tableID,
      columnNumber: field.columnID,
      typeOid: field.dataTypeID,
      format: binary ? 1 : 0,
    }));
    const rows = result.rows.map((row) => row.map((cell) => (cell === null ? null : Buffer.from(cell))));
    return { fields, rows, wrote };
  } catch {
    return undefined;
  } finally {
    await client.query("ROLLBACK");
  }
}

function dataRow(cells: readonly (Buffer | null)[]): Buffer {
  const parts = cells.flatMap((cell) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(cell === null ? -1 : cell.length);
    return cell === null ? [length] : [length, cell];
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(7);
  head.write("D");
  head.writeInt32BE(body.length + 6, 1);
  head.writeInt16BE(cells.length, 5);
  return Buffer.concat([head, body]);
}

/** What a client would see, as one buffer. */
function masked(answer: Answer, facts: StatementFacts): Buffer {
  const hidden = hiddenFor(facts, SCHEMA);
  const frames = answer.rows.map(dataRow);
  if (hidden.length === 0) return Buffer.concat(frames);
  const masker = planRowMasks(answer.fields, {
    hidden,
    lineage: facts.lineage ?? "unknown",
    catalogue,
    maskKey: "a2V5",
  });
  if (masker === "clear") return Buffer.concat(frames);
  let buffer = Buffer.alloc(1 << 16);
  const sink: ByteSink = {
    length: 0,
    reserve(bytes) {
      if (sink.length + bytes > buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length + bytes)]);
      return buffer;
    },
  };
  for (const frame of frames) masker.maskRow(frame, 0, frame.length, sink);
  return buffer.subarray(0, sink.length);
}

/** The first secret that an answer shows, raw or in a simple encoding. */
function leaked(shown: Buffer): string | undefined {
  const text = shown.toString("latin1").toLowerCase();
  return secrets.find((secret) => {
    const plain = Buffer.from(secret);
    const forms = [
      secret,
      Array.from(secret).reverse().join(""),
      plain.toString("hex"),
      plain.toString("base64"),
      secret.replaceAll(/\s/g, ""),
    ];
    return forms.some((form) => text.includes(form.toLowerCase()));
  });
}

describe("facts against a real Postgres", () => {
  it("notices a change of the catalogue", async () => {
    // one snapshot: other tests change the same database meanwhile
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const before = await catalogueFingerprint(rowsOf);
    expect(await catalogueFingerprint(rowsOf)).toBe(before);
    await client.query("CREATE TABLE noticed (a int)");
    expect(await catalogueFingerprint(rowsOf)).not.toBe(before);
    await client.query("ROLLBACK");
  });

  it.each([...readCorpus("honest"), ...readCorpus("hostile")])(
    "never calls a read what the server executes as a write: $text",
    async ({ text }) => {
      if (verdictOf(analyser.analyse(text, SETTINGS, catalogue)) !== "read") return;
      // Transaction control would end the transaction that takes everything back.
      if (
        /^\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|PREPARE|SAVEPOINT|RELEASE|DISCARD|SET|RESET|COPY|DEALLOCATE)\b/i.test(
          text,
        )
      )
        return;
      expect((await run(text, false))?.wrote ?? false).toBe(false);
    },
  );
});

describe("generated statements", () => {
  it("are never called a read when the server executes them as a write", async () => {
    const texts = generatedStatements(readCorpus("hostile").map((each) => each.text));
    let reads = 0;
    for (const text of texts) {
      const facts = analyser.analyse(text, SETTINGS, catalogue);
      if (verdictOf(facts) !== "read" || facts.some((one) => one.transaction !== "none" || one.sets || one.copy))
        continue;
      reads += 1;
      const answer = await run(text, false);
      await client.query("DEALLOCATE ALL");
      expect({ text, wrote: answer?.wrote ?? false }).toEqual({ text, wrote: false });
    }
    expect(texts.length).toBeGreaterThan(5_000);
    expect(reads).toBeGreaterThan(100);
  }, 240_000);
});

describe("random statements of the whole grammar", () => {
  it("do no more than their facts say: 1,500 of one seed, as who may do everything and as who may only read", async () => {
    const { caFile, host, port, database, user, password } = inject("upstream");
    await client.query(`GRANT USAGE ON SCHEMA ${SCHEMA}, hr TO ${user};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA}, hr TO ${user}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${user}`);
    const reading = new pg.Client({ host, port, database, user, password, ssl: { ca: readFileSync(caFile, "utf8") } });
    await reading.connect();
    await reading.query(`SET search_path = ${SCHEMA}, public; SET statement_timeout = 2000`);
    const texts = randomStatements(2026, 1_500, vocabularyOf(catalogue, SCHEMA));
    const servers = { ask: askOf(client), reader: askOf(reading) };
    const trial = await tryStatements(texts, (text) => analyser.analyse(text, SETTINGS, catalogue), servers, catalogue);
    // a comparison that finds nothing wrong with facts that say nothing compares nothing
    const nothing = analyser.analyse("SELECT 1", SETTINGS, catalogue);
    const blind = await tryStatements(texts.slice(0, 150), () => nothing, servers, catalogue);
    await reading.end();
    console.info(`random statements: ${JSON.stringify({ ...trial, differences: trial.differences.length })}`);
    expect(trial.differences).toEqual([]);
    expect(trial.reads).toBeGreaterThan(100);
    expect(trial.writes).toBeGreaterThan(150);
    expect(blind.differences.length).toBeGreaterThan(20);
  }, 120_000);
});

describe("masked answers of a real Postgres", () => {
  it.each(readCorpus("leaks"))("shows no classified value (line $line): $text", async ({ text }) => {
    const [facts, ...others] = analyser.analyse(text, SETTINGS, catalogue);
    expect(others).toEqual([]);
    if (!facts) throw new Error("a text without statements");
    for (const binary of [false, true]) {
      const answer = await run(text, binary);
      if (answer) expect(leaked(masked(answer, facts))).toBeUndefined();
    }
  });

  it("shows no classified value for any of 400 random queries, and no random query called a read writes", async () => {
    let answered = 0;
    for (const text of randomQueries(400)) {
      const facts = analyser.analyse(text, SETTINGS, catalogue);
      const answer = await run(text, false);
      if (!answer || !facts[0]) continue;
      answered += 1;
      expect({ text, leaked: leaked(masked(answer, facts[0])) }).toEqual({ text, leaked: undefined });
      if (verdictOf(facts) === "read") expect({ text, wrote: answer.wrote }).toEqual({ text, wrote: false });
    }
    expect(answered).toBeGreaterThan(150);
  }, 120_000);

  it("tells as many columns as the wire has, in the same order, for 800 random stars over joins of everything", async () => {
    let answered = 0;
    for (const text of [...readCorpus("leaks").map((each) => each.text), ...randomStars(800)]) {
      const [facts] = analyser.analyse(text, SETTINGS, catalogue);
      const answer = await run(text, false);
      if (!answer || answer.fields.length === 0 || !facts?.lineage || facts.lineage === "unknown") continue;
      answered += 1;
      expect({ text, columns: facts.lineage.length }).toEqual({ text, columns: answer.fields.length });
      answer.fields.forEach((field, at) => {
        const relation = catalogue.relationByOid.get(field.tableOid);
        const column = relation?.columns.find((own) => own.number === field.columnNumber)?.name;
        if (column === undefined) return;
        const told = facts.lineage === "unknown" ? undefined : facts.lineage?.[at];
        const names = told?.sources.map((each) => `${each.table}.${each.column}`);
        if (!told?.unknown)
          expect({ text, at, names }).toMatchObject({ names: expect.arrayContaining([`${relation?.name}.${column}`]) });
      });
    }
    expect(answered).toBeGreaterThan(450);
  }, 120_000);
});
