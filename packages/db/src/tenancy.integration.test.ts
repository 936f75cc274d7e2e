import { randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Db, openDb } from "./db.ts";
import { migrate } from "./migrate.ts";

const schemaDir = fileURLToPath(new URL("../../../prisma/schema/", import.meta.url));
const tables = readdirSync(schemaDir)
  .flatMap((file) => [...readFileSync(`${schemaDir}${file}`, "utf8").matchAll(/@@map\("(\w+)"\)/g)])
  .map((match) => match[1] ?? "");

let db: Db;
let owner: pg.Client;
const acme = randomUUID();
const other = randomUUID();

beforeAll(async () => {
  await migrate(inject("ownerUrl"));
  db = openDb(inject("appUrl"));
  owner = new pg.Client({ connectionString: inject("ownerUrl") });
  await owner.connect();
  for (const id of [acme, other]) await bootstrapOrg(id);
});
afterAll(async () => {
  await owner?.end();
  await db?.close();
});

async function bootstrapOrg(id: string): Promise<void> {
  await owner.query("BEGIN");
  await owner.query("SELECT set_config('app.org_id', $1, true)", [id]);
  await owner.query(`INSERT INTO org (id, slug, name) VALUES ($1, $2, 'An org')`, [id, `t-${id.slice(0, 8)}`]);
  await owner.query("COMMIT");
}
const newMember = (orgId: string) => {
  const handle = `m${randomBytes(6).toString("hex")}`;
  return { orgId, handle, email: `${handle}@example.test`, name: handle, role: "engineer" };
};

describe("the migrations", () => {
  test("do nothing when they are applied again, also by two at once", async () => {
    const reports = await Promise.all([migrate(inject("ownerUrl")), migrate(inject("ownerUrl"))]);
    expect(reports).toEqual([{ applied: [] }, { applied: [] }]);
  });
});

describe("row-level security", () => {
  test("is enabled and forced on every table of the schema, with a policy on each", async () => {
    expect(tables.length).toBeGreaterThan(20);
    const { rows } = await owner.query<{ name: string; on: boolean; forced: boolean; policies: number }>(
      `SELECT relname AS name, relrowsecurity AS on, relforcerowsecurity AS forced,
              (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid AND polname = 'org_scope') AS policies
       FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
         AND relname <> '_prisma_migrations' ORDER BY 1`,
    );
    expect(rows).toEqual([...tables].sort().map((name) => ({ name, on: true, forced: true, policies: 1 })));
  });

  test("is beyond the application's role, which owns nothing and reaches no partition", async () => {
    const { rows } = await owner.query(
      `SELECT (SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = 'sluice_app') AS free,
              (SELECT count(*)::int FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE rolname = 'sluice_app') AS owned,
              (SELECT count(*)::int FROM pg_class WHERE relispartition AND relkind = 'r'
                 AND has_table_privilege('sluice_app', oid, 'SELECT, INSERT, UPDATE, DELETE')) AS partitions`,
    );
    expect(rows).toEqual([{ free: false, owned: 0, partitions: 0 }]);
  });

  test("shows nothing of another org and nothing at all without a scope, in every table", async () => {
    await db.withOrg(acme, (tx) => tx.member.create({ data: newMember(acme) }));
    for (const table of tables) {
      const foreign = await db.withOrgSql(other, (sql) =>
        sql.query(`SELECT count(*)::int AS n FROM "${table}" WHERE "${table === "org" ? "id" : "orgId"}" = $1`, [acme]),
      );
      expect({ table, rows: foreign.rows }).toEqual({ table, rows: [{ n: 0 }] });
    }
    const app = new pg.Client({ connectionString: inject("appUrl") });
    await app.connect();
    for (const table of tables) {
      const { rows } = await app.query(`SELECT count(*)::int AS n FROM "${table}"`);
      expect({ table, rows }).toEqual({ table, rows: [{ n: 0 }] });
    }
    await app.end();
  });

  test("refuses to write a row of another org", async () => {
    await expect(db.withOrg(other, (tx) => tx.member.create({ data: newMember(acme) }))).rejects.toThrow(/row-level/);
  });

  test("leaves another org's rows untouched by updates and deletes without a condition", async () => {
    const group = await db.withOrg(acme, (tx) =>
      tx.principalGroup.create({ data: { orgId: acme, name: randomUUID() } }),
    );
    await db.withOrg(other, (tx) => tx.principalGroup.updateMany({ data: { name: "taken" } }));
    await db.withOrg(other, (tx) => tx.principalGroup.deleteMany());
    expect(await db.withOrg(acme, (tx) => tx.principalGroup.findMany({ where: { id: group.id } }))).toEqual([group]);
  });

  test("refuses a reference to another org's row", async () => {
    const member = await db.withOrg(acme, (tx) => tx.member.create({ data: newMember(acme) }));
    const group = await db.withOrg(other, (tx) =>
      tx.principalGroup.create({ data: { orgId: other, name: randomUUID() } }),
    );
    const link = { orgId: other, groupId: group.id, memberId: member.id };
    await expect(db.withOrg(other, (tx) => tx.groupMember.create({ data: link }))).rejects.toThrow();
  });
});

describe("withOrg", () => {
  test("rolls everything back when its callback throws", async () => {
    const data = newMember(acme);
    const failing = db.withOrg(acme, async (tx) => {
      await tx.member.create({ data });
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await db.withOrg(acme, (tx) => tx.member.count({ where: { handle: data.handle } }))).toBe(0);
  });

  test("leaves no scope behind on the connection", async () => {
    const single = openDb(inject("appUrl"), { connectionsMax: 1 });
    await single.withOrg(acme, (tx) => tx.member.count());
    await single.withOrgSql(acme, (sql) => sql.query("SELECT 1"));
    const { rows } = await single.withOrgSql(other, (sql) => sql.query("SELECT count(*)::int AS n FROM member"));
    expect(rows).toEqual([{ n: 0 }]);
    await single.close();
  });

  test("refuses a scope that is not a UUID", async () => {
    await expect(db.withOrg("", (tx) => tx.member.count())).rejects.toThrow(TypeError);
  });
});

describe("the lookups", () => {
  test("find an org by its slug and say nothing about an unknown one", async () => {
    expect(await db.lookups.orgBySlug(`t-${acme.slice(0, 8)}`)).toBe(acme);
    expect(await db.lookups.orgBySlug("no-such-org")).toBeNull();
    expect(await db.lookups.orgIds()).toEqual(expect.arrayContaining([acme, other]));
  });

  test("find a sign-in by the hash of its token, with ids only", async () => {
    const tokenHash = randomBytes(32);
    const session = await db.withOrg(acme, async (tx) => {
      const member = await tx.member.create({ data: newMember(acme) });
      return tx.authSession.create({
        data: { orgId: acme, memberId: member.id, tokenHash, expiresAt: new Date(Date.now() + 60_000) },
      });
    });
    expect(await db.lookups.authSession(tokenHash)).toEqual({ orgId: acme, id: session.id });
    expect(await db.lookups.apiToken(tokenHash)).toBeNull();
    expect(await db.lookups.enrolToken(tokenHash)).toBeNull();
  });
});

describe("history", () => {
  test.each([
    "DELETE FROM record",
    "DELETE FROM chain_head",
    "UPDATE chain_head SET head = ''",
    "UPDATE record SET statement = 'x'",
    "UPDATE record SET body = '{}'",
    "UPDATE policy_version SET access = ''",
    "UPDATE bundle SET envelope = ''",
    "DELETE FROM approval_decision",
    "UPDATE approval SET digest = 'x'",
    "UPDATE member SET handle = 'x'",
    "DELETE FROM member",
    "INSERT INTO org (id, slug, name) VALUES (gen_random_uuid(), 'x', 'x')",
    "SELECT * FROM _prisma_migrations",
    "SELECT * FROM record_default",
  ])("refuses the application `%s`", async (statement) => {
    await expect(db.withOrgSql(acme, (sql) => sql.query(statement))).rejects.toThrow(/permission denied/);
  });

  test("keeps a record of any month, and moves it into its partition when that is made", async () => {
    const insert = (seq: number, at: string) =>
      db.withOrgSql(acme, (sql) =>
        sql.query(
          `INSERT INTO record ("orgId","enforcerId","seq","at","id","kind","principalType","principalId","principalName","verdict","body")
           VALUES ($1,$2,$3,$4,$5,'exchange','User','ana','ana','allow','{}')`,
          [acme, acme, seq, at, randomUUID()],
        ),
      );
    const ahead = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 5, 3));
    await insert(1, "1999-01-01T00:00:00Z");
    await insert(2, ahead.toISOString());
    expect(await db.prepareRecordPartitions(5)).toBeGreaterThanOrEqual(0);
    const month = ahead.toISOString().slice(0, 7).replace("-", "_");
    const { rows } = await db.withOrgSql(acme, (sql) =>
      sql.query(`SELECT seq::int, tableoid::regclass::text AS part FROM record WHERE "enforcerId" = $1 ORDER BY seq`, [
        acme,
      ]),
    );
    expect(rows).toEqual([
      { seq: 1, part: "record_default" },
      { seq: 2, part: `record_${month}` },
    ]);
  });
});
