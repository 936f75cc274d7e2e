// What postgres.js' users do, one line per step. Run twice, through the enforcer and directly: both must print the same.
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import postgres from "postgres";
import { finish, step } from "./steps.mjs";

const { PGHOST: host, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGDATABASE: database } = process.env;
const ssl = { ca: readFileSync(process.env.PGSSLROOTCERT, "utf8") };
const settings = { host, port: Number(port), username, password, database, ssl, onnotice: () => undefined };
const sql = postgres({ ...settings, max: 2 });
const items = [1, 2].map((at) => ({ id: 9000 + at, name: "n", category: "c", price: 1 }));

await step("a query", () => sql`SELECT 1 AS a, NULL AS b`);
await step("parameters", () => sql`SELECT id, name FROM customers WHERE id = ${1}`);
await step("the same again, prepared", async () => {
  const found = [];
  for (let id = 1; id < 6; id++) found.push(...(await sql`SELECT id, total FROM orders WHERE id = ${id}`));
  return found;
});
await step("a pipeline", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => sql`SELECT ${at}::int AS v`));
  return answers.map(([row]) => row.v);
});
await step("an insert, taken back", () =>
  sql.begin(async (tx) => {
    const made = await tx`INSERT INTO products ${tx(items)} RETURNING id`;
    throw Object.assign(new Error("taken back"), { code: String(made.length) });
  }),
);
await step("a savepoint", () =>
  sql.begin(async (tx) => {
    const failed = await tx.savepoint((inner) => inner`SELECT 1 / 0`).catch((error) => error.code);
    return [failed, await tx`SELECT 1 AS a`];
  }),
);
await step("SET and what follows it in one pipeline", () =>
  sql.begin((tx) => [
    tx`SELECT 1 AS a`,
    tx`SET LOCAL search_path TO public`,
    tx`SELECT id FROM orders WHERE id = ${1}`,
  ]),
);
await step("a read-only transaction", () =>
  sql.begin("read only", (tx) => tx`UPDATE orders SET status = 'x' WHERE id = 1`),
);
await step("a cursor", async () => {
  let count = 0;
  await sql`SELECT id FROM orders`.cursor(100, (rows) => {
    count += rows.length;
  });
  return count;
});
await step("a cursor left early", async () => {
  let count = 0;
  for await (const rows of sql`SELECT id FROM orders`.cursor(100)) if ((count += rows.length) >= 300) break;
  return [count, await sql`SELECT 1 AS a`];
});
await step("rows one by one", async () => {
  let count = 0;
  await sql`SELECT id FROM orders`.forEach(() => count++);
  return count;
});
await step("a description", async () => (await sql`SELECT id, name FROM customers WHERE id = ${1}`.describe()).types);
await step("values and raw bytes", async () => [
  await sql`SELECT id FROM customers ORDER BY id LIMIT 2`.values(),
  (await sql`SELECT id FROM customers LIMIT 2`.raw()).length,
]);
await step("several statements in one text", () => sql.unsafe("SELECT 1 AS a; SELECT 2 AS b"));
await step("COPY out", async () => {
  let bytes = 0;
  for await (const chunk of await sql`COPY (SELECT id, name FROM customers) TO STDOUT`.readable())
    bytes += chunk.length;
  return bytes;
});
await step("COPY in, taken back", () =>
  sql.begin(async (tx) => {
    await pipeline(
      Readable.from(["9000\tn\tc\t1\n"]),
      await tx`COPY products (id, name, category, price) FROM STDIN`.writable(),
    );
    throw Object.assign(new Error("taken back"), { code: (await tx`SELECT id FROM products WHERE id = 9000`).length });
  }),
);
await step("LISTEN and NOTIFY", async () => {
  const { promise: heard, resolve } = Promise.withResolvers();
  const { unlisten } = await sql.listen("js_channel", resolve);
  await sql.notify("js_channel", "hello");
  const payload = await heard;
  await unlisten();
  return payload;
});
await step("arrays and JSON", () => sql`SELECT ${[1, 2, 3]}::int[] AS a, ${sql.json({ a: [1, null] })}::jsonb AS b`);
await step("a cancel", async () => {
  const query = sql`SELECT count(*) FROM orders a, orders b, orders c`.execute();
  setTimeout(() => query.cancel(), 300);
  return query;
});
await step("goes on after it", () => sql`SELECT 1 AS a`);
await step("a reserved connection", async () => {
  const own = await sql.reserve();
  const rows = await own`SELECT 1 AS a`;
  own.release();
  return rows;
});
await step("settings of the connection, without prepared statements", async () => {
  const connection = { application_name: "clients", statement_timeout: 300, search_path: "public" };
  const own = postgres({ ...settings, connection, prepare: false, max: 1 });
  const rows = await own`SELECT ${5}::int AS a`;
  const late = await own`SELECT count(*) FROM orders a, orders b, orders c`.catch((error) => error.code);
  await own.end();
  return [rows, late];
});
await step("error: no such table", () => sql`SELECT 'é' FROM nosuch WHERE a = ${1}`);
await step("error: syntax", () => sql.unsafe("selec 1"));
await sql.end();
finish();
