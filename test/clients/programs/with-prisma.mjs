// What Prisma's users do, one line per step. Run twice, through the enforcer and directly: both must print the same.
// PRISMA_CLIENT names the client that was generated from shop.prisma.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as engineModule from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { finish, step } from "./steps.mjs";

const { PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = process.env;
const ssl = { ca: await readFile(process.env.PGSSLROOTCERT, "utf8") };
for (const name of Object.keys(process.env)) if (name.startsWith("PG")) delete process.env[name];
const settings = { host, port: Number(port), user, password, database, ssl, max: 4 };
const { PrismaClient, Prisma } = await import(process.env.PRISMA_CLIENT);
const prisma = new PrismaClient({ adapter: new PrismaPg(settings) });
const product = (id) => ({ id, name: "n", category: "c", price: "1.50" });
const takenBack = (work, options) =>
  prisma.$transaction(async (tx) => {
    throw Object.assign(new Error(JSON.stringify(await work(tx))), { code: "taken back" });
  }, options);

await step("findMany with filters, order and pages", () =>
  prisma.orders.findMany({
    where: { status: { in: ["paid", "shipped"] }, quantity: { gt: 1 } },
    orderBy: [{ total: "desc" }, { id: "asc" }],
    skip: 2,
    take: 3,
  }),
);
await step("relations", () =>
  prisma.orders.findMany({
    where: { products: { category: { contains: "o", mode: "insensitive" } } },
    select: { id: true, products: { select: { name: true } }, customers: { select: { city: true } } },
    orderBy: { id: "asc" },
    take: 3,
  }),
);
await step("one, by its key", () => prisma.products.findUniqueOrThrow({ where: { id: 1 } }));
await step("one that is not there", () => prisma.products.findUniqueOrThrow({ where: { id: -1 } }));
await step("counts, aggregates and groups", async () => [
  await prisma.orders.count({ where: { total: { gte: 100 } } }),
  await prisma.orders.aggregate({ _sum: { total: true }, _max: { ordered_at: true } }),
  await prisma.orders.groupBy({ by: ["status"], _count: true, orderBy: { status: "asc" } }),
]);
await step("create, update, upsert and delete", () =>
  takenBack(async (tx) => [
    await tx.products.create({ data: product(9001) }),
    await tx.products.createMany({ data: [product(9002), product(9003)] }),
    await tx.products.update({ where: { id: 9001 }, data: { price: { increment: 2 } } }),
    await tx.products.upsert({ where: { id: 9004 }, create: product(9004), update: {} }),
    await tx.products.updateMany({ where: { id: { gte: 9001 } }, data: { category: "d" } }),
    await tx.products.deleteMany({ where: { id: { in: [9002, 9003] } } }),
    await tx.products.findMany({ where: { id: { gte: 9000 } }, orderBy: { id: "asc" } }),
  ]),
);
await step("an interactive transaction, serializable", () =>
  takenBack((tx) => tx.orders.update({ where: { id: 1 }, data: { status: "p" }, select: { id: true, status: true } }), {
    isolationLevel: "Serializable",
  }),
);
await step("a list of statements in one transaction", () =>
  prisma.$transaction([prisma.products.count(), prisma.products.findFirst({ orderBy: { id: "asc" } })]),
);
await step("raw queries", async () => [
  await prisma.$queryRaw`SELECT id, price FROM products WHERE id = ${1}`,
  await prisma.$queryRaw(Prisma.sql`SELECT id FROM products WHERE id IN (${Prisma.join([1, 2])}) ORDER BY id`),
  await prisma.$queryRawUnsafe("SELECT count(*)::int AS n FROM orders WHERE id < $1", 100),
  await prisma.$executeRaw`UPDATE products SET price = price WHERE id = ${1}`,
]);
await step("a key that is taken", () => prisma.products.create({ data: product(1) }));
await step("a raw query that fails", () => prisma.$queryRawUnsafe("SELECT nocol FROM orders"));
await step(
  "many at once",
  async () =>
    (await Promise.all(Array.from({ length: 20 }, (_, at) => prisma.orders.count({ where: { id: at } })))).length,
);
await prisma.$disconnect();

await step("introspection, as `prisma db pull`", async () => {
  const file = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const imports = { "./schema_engine_bg.js": { ...engineModule } };
  const { instance } = await WebAssembly.instantiate(await readFile(file.replace(/\.js$/, ".wasm")), imports);
  engineModule.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const pool = new pg.Pool(settings);
  const adapter = bindMigrationAwareSqlAdapterFactory(withCatalogueTypes(new PrismaPg(pool), pool));
  const content = 'datasource db {\n  provider = "postgresql"\n}\n';
  const schema = { files: [{ path: "schema.prisma", content }] };
  const engine = await engineModule.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
  const pulled = await engine.introspect({
    schema,
    baseDirectoryPath: "/",
    force: true,
    compositeTypeDepth: -1,
    namespaces: null,
  });
  engine.free();
  await pool.end();
  return pulled.schema.files.map((found) => found.content);
});
finish();

/** Prisma's adapter for pg does not know the catalogue's own types ("char", name, oid), which its introspection asks for. */
function withCatalogueTypes(factory, pool) {
  const types = {
    16: "Boolean",
    18: "Character",
    20: "Int64",
    21: "Int32",
    23: "Int32",
    26: "Int64",
    1002: "CharacterArray",
  };
  const arrays = { 1003: "TextArray", 1005: "Int32Array", 1007: "Int32Array", 1009: "TextArray", 16: "Boolean" };
  const typeOf = (oid) => ColumnTypeEnum[types[oid] ?? arrays[oid] ?? "Text"];
  const queryRaw = async ({ args, sql }) => {
    const { fields, rows } = await pool.query({ text: sql, values: args, rowMode: "array" });
    const columnTypes = fields.map((field) => typeOf(field.dataTypeID));
    const plain = (value, at) => (columnTypes[at] === ColumnTypeEnum.Int64 && value !== null ? String(value) : value);
    return { columnNames: fields.map((field) => field.name), columnTypes, rows: rows.map((row) => row.map(plain)) };
  };
  const connect = async () => Object.assign(await factory.connect(), { queryRaw });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect,
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}
