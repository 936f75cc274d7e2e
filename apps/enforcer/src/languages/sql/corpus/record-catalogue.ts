// Writes catalogue.fixture.jsonl anew from a PostgreSQL 18 database that schema.sql was run in:
//   node record-catalogue.ts postgres://user:password@host:port/database
import { writeFileSync } from "node:fs";
import pg from "pg";
import { readCatalogueRows } from "../../../catalogue/index.ts";

const client = new pg.Client({
  connectionString: process.argv[2],
  types: { getTypeParser: () => (value: string) => value },
});
await client.connect();
const rows = await readCatalogueRows(async (text) => {
  const results = await client.query<(string | null)[]>({ text, rowMode: "array" });
  return Array.isArray(results) ? [] : results.rows;
});
await client.end();
const lines = Object.entries(rows).flatMap(([section, list]: [string, readonly (readonly (string | null)[])[]]) =>
  list.map((row) => JSON.stringify([section, ...row])),
);
writeFileSync(new URL("catalogue.fixture.jsonl", import.meta.url), `${lines.join("\n")}\n`);
