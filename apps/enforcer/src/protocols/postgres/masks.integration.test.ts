import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire } from "./fixtures/wire.ts";

const STRATEGIES = { email: "hmac", phone: "format", card: "format", ssn: "null" } as const;
let site: TestSite;

beforeAll(async () => {
  site = await startTestSite({
    upstream: inject("upstream"),
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
  });
  site.answer = async () => ({ kind: "approved", approverIds: ["bo"], reason: "" });
  const dataClasses = Object.entries(STRATEGIES).map(([name, strategy]) => ({ name, strategy }));
  site.change((content) => ({ ...content, dataClasses }));
});
afterAll(() => site?.close());

interface Customer {
  readonly id: number;
  readonly email: string;
  readonly phone: string;
  readonly card: string;
  readonly ssn: string | null;
}
const QUERY = "SELECT id, email, phone, card, ssn FROM customers ORDER BY id LIMIT 50";

async function shown(binary: boolean): Promise<Customer[]> {
  const client = new pg.Client({
    host: "localhost",
    port: site.port,
    database: "shop",
    user: "ana",
    password: "token:ana",
    ssl: { ca: readFileSync(site.caFile, "utf8") },
    // undocumented in pg's types: asks for binary results
    ...(binary ? { binary: true } : {}),
  });
  await client.connect();
  const { rows } = await client.query<Customer>({ text: QUERY, values: [] });
  await client.end();
  return rows;
}

async function stored(): Promise<Customer[]> {
  const { caFile, database, host, owner, port } = inject("upstream");
  const client = new pg.Client({ host, port, database, ...owner, ssl: { ca: readFileSync(caFile, "utf8") } });
  await client.connect();
  const { rows } = await client.query<Customer>(QUERY);
  await client.end();
  return rows;
}

const form = (text: string) => text.replaceAll(/\d/g, "#");

test("numbers keep their form, tokens join, and nothing of the values is shown, in text, binary and COPY alike", async () => {
  const real = await stored();
  const text = await shown(false);
  expect(await shown(true)).toEqual(text);
  for (const [at, row] of text.entries()) {
    const raw = real[at];
    expect(form(row.card)).toBe(form(raw?.card ?? ""));
    expect(form(row.phone)).toBe(form(raw?.phone ?? ""));
    expect(row.email).toMatch(/^tok_[\w-]{22}$/);
    expect(row.ssn).toBeNull();
    for (const value of [raw?.card, raw?.phone, raw?.email]) expect(Object.values(row)).not.toContain(value);
  }
  expect(new Set(text.map(({ card }) => card)).size).toBe(new Set(real.map(({ card }) => card)).size);
  const wire = await openWire(site);
  await wire.answers();
  wire.send(encode.query(`COPY (${QUERY}) TO STDOUT`));
  const copied = (await wire.answers()).filter(({ type }) => type === "d").map(({ text: line }) => line?.trimEnd());
  expect(copied).toEqual(
    text.map(({ card, email, id, phone, ssn }) => [id, email, phone, card, ssn ?? "\\N"].join("\t")),
  );
  wire.destroy();
});

test("a table joins itself over masked numbers as it does over the values", async () => {
  const client = await openWire(site);
  await client.answers();
  client.send(encode.query("SELECT card FROM customers WHERE id = 7"));
  client.send(
    encode.query("SELECT c.card FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = 7 LIMIT 1"),
  );
  const cells = (await client.answers(2)).filter(({ type }) => type === "D").map(({ body }) => body.toString());
  expect(cells).toHaveLength(2);
  expect(new Set(cells).size).toBe(1);
  client.destroy();
});
