// What node-postgres' users do, one line per step. Run twice, through the enforcer and directly: both must print the same.
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copy from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { finish, step } from "./steps.mjs";

const { PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = process.env;
const ssl = { ca: readFileSync(process.env.PGSSLROOTCERT, "utf8") };
for (const name of Object.keys(process.env)) if (name.startsWith("PG")) delete process.env[name];
const settings = { host, port: Number(port), user, password, database, ssl };
const client = new pg.Client(settings);
await client.connect();
const rows = async (...query) => (await client.query(...query)).rows;
const products = (count) => Readable.from(Array.from({ length: count }, (_, at) => `${9000 + at}\tn\tc\t1\n`));
const never = "SELECT count(*) FROM orders a, orders b, orders c";

await step("simple query", () => rows("SELECT 1 AS a, NULL AS b"));
await step("parameters", () => rows("SELECT id, name FROM customers WHERE id = $1", [1]));
await step("a named statement, used again", async () => {
  const found = [];
  for (let id = 1; id < 6; id++)
    found.push(...(await rows({ name: "one", text: "SELECT id, total FROM orders WHERE id = $1", values: [id] })));
  return found;
});
await step("several statements in one text", async () =>
  (await client.query("SELECT 1 AS a; SELECT 2 AS b")).map((result) => result.rows),
);
await step("results in binary", () =>
  rows({
    text: "SELECT id, name FROM customers WHERE id < $1 ORDER BY id",
    values: [3],
    rowMode: "array",
    binary: true,
  }),
);
await step("a cursor read to its end", async () => {
  const cursor = client.query(new Cursor("SELECT id FROM orders"));
  let count = 0;
  for (let read = await cursor.read(100); read.length > 0; read = await cursor.read(100)) count += read.length;
  await cursor.close();
  return count;
});
await step("a cursor closed early", async () => {
  const cursor = client.query(new Cursor("SELECT id FROM orders"));
  const first = await cursor.read(10);
  await cursor.close();
  return [first.length, await rows("SELECT 1 AS a")];
});
await step("a stream", async () => {
  let count = 0;
  for await (const _row of client.query(new QueryStream("SELECT id FROM orders", [], { batchSize: 37 }))) count++;
  return count;
});
await step("a stream left early", async () => {
  for await (const _row of client.query(new QueryStream("SELECT id FROM orders", [], { batchSize: 37 }))) break;
  return rows("SELECT 2 AS a");
});
await step("COPY out", async () => {
  let bytes = 0;
  for await (const chunk of client.query(copy.to("COPY (SELECT id, name FROM customers) TO STDOUT")))
    bytes += chunk.length;
  return bytes;
});
await step("COPY in", async () => {
  await client.query("BEGIN");
  const into = client.query(copy.from("COPY products (id, name, category, price) FROM STDIN"));
  await pipeline(products(2000), into);
  await client.query("ROLLBACK");
  return into.rowCount;
});
await step("COPY in that the server refuses", async () => {
  const into = client.query(copy.from("COPY products (id, name, category, price) FROM STDIN"));
  return pipeline(Readable.from(["x\ty\n"]), into).catch((error) => error.code);
});
await step("goes on after it", () => rows("SELECT 1 AS a"));
await step("an error inside of a transaction", async () => {
  await client.query("BEGIN");
  await client.query("UPDATE orders SET status = $1 WHERE id = 1", ["n"]);
  const failed = await client.query("SELECT 1 / 0").catch((error) => error.code);
  const after = await client.query("SELECT 1").catch((error) => error.code);
  await client.query("ROLLBACK");
  return [failed, after, await rows("SELECT 1 AS a")];
});
await step("LISTEN and NOTIFY", async () => {
  const heard = new Promise((resolve) =>
    client.once("notification", ({ channel, payload }) => resolve([channel, payload])),
  );
  await client.query("LISTEN node_channel");
  await client.query("NOTIFY node_channel, 'hello'");
  return heard;
});
await step("settings of the connection, a statement's time", async () => {
  const own = new pg.Client({
    ...settings,
    statement_timeout: 300,
    lock_timeout: 1_000,
    idle_in_transaction_session_timeout: 9_000,
    application_name: "clients",
    options: "-c search_path=public",
  });
  await own.connect();
  const late = await own.query(never).catch((error) => error.code);
  const path = (await own.query("SHOW search_path")).rows;
  await own.end();
  return [late, path];
});
await step("a pool", async () => {
  const pool = new pg.Pool({ ...settings, max: 4 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => pool.query("SELECT $1::int AS v", [at])));
  await pool.end();
  return answers.map((answer) => answer.rows[0].v);
});
await step("TLS from the first byte", async () => {
  const own = new pg.Client({ ...settings, sslnegotiation: "direct" });
  await own.connect();
  const answer = await own.query("SELECT 1 AS a");
  await own.end();
  return answer.rows;
});
await step(
  "a large result",
  async () => (await rows("SELECT g, repeat('x', 200) FROM generate_series(1, 50000) g")).length,
);
for (const text of [
  "selec 1",
  "SELECT * FROM nosuch",
  "SELECT 'é€😀', nocol FROM orders",
  "SELECT 1; SELECT 'é' FROM nosuch",
])
  await step(`error: ${text}`, () => client.query(text));
for (const text of ["selec $1", "SELECT * FROM nosuch WHERE id = $1", "SELECT 'é' FROM orders o WHERE o.nocol = $1"])
  await step(`error with parameters: ${text}`, () => client.query(text, [1]));
await client.end();
finish();
