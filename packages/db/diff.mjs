// Prints the SQL from the applied migrations of DATABASE_OWNER_URL's database (or from nothing) to prisma/schema.
// `npm run diff -w @sluice/db -- [--from-database]`: the start of a new migration, to be finished by hand.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openSchemaEngine } from "./src/schema-engine.ts";

const schemaDir = fileURLToPath(new URL("../../prisma/schema/", import.meta.url));
const names = (await readdir(schemaDir)).filter((name) => name.endsWith(".prisma"));
const files = await Promise.all(
  names.map(async (path) => ({ path, content: await readFile(`${schemaDir}${path}`, "utf8") })),
);
const url = process.env.DATABASE_OWNER_URL;
const fromDatabase = process.argv.includes("--from-database");
const { engine, close } = await openSchemaEngine(url);
const { stdout } = await engine.diff({
  from: fromDatabase && url ? { tag: "url", url } : { tag: "empty" },
  to: { tag: "schemaDatamodel", files },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(stdout ?? "");
await close();
