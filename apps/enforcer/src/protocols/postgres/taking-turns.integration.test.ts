import { readFileSync } from "node:fs";
import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";

const ACCESS = `
@id("open") permit (principal, action == Action::"session.open", resource);
@id("all") permit (principal, action in [Action::"sql.read", Action::"sql.write"], resource);
`;
const SESSIONS = 48;
const EXCHANGES = 40;

let owner: pg.Client;
let site: TestSite;
let clients: pg.Client[] = [];

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  await owner.query("DROP TABLE IF EXISTS turns; CREATE TABLE turns (id int PRIMARY KEY, n int NOT NULL)");
  await owner.query(`INSERT INTO turns VALUES (0, 0); GRANT ALL ON turns TO ${upstream.user}`);
  site = await startTestSite({
    upstream,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
    compiled: unwrap(compilePolicies({ guardrails: "", access: ACCESS, obligations: "" })),
  });
  const ca = readFileSync(site.caFile, "utf8");
  const login = { host: "127.0.0.1", port: site.port, database: "shop", user: "ana", password: "token:ana" };
  clients = Array.from({ length: SESSIONS }, () => new pg.Client({ ...login, ssl: { ca, servername: "localhost" } }));
  await Promise.all(clients.map((client) => client.connect()));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await site?.close();
  await owner?.query("DROP TABLE IF EXISTS turns");
  await owner?.end();
});

test("many sessions that ask without a pause get their own answers, each in order", async () => {
  const answers = await Promise.all(
    clients.map(async (client, session) => {
      const seen: number[] = [];
      for (let exchange = 0; exchange < EXCHANGES; exchange++) {
        const { rows } = await client.query("SELECT n + $1::int AS mine FROM turns WHERE id = 0", [
          session * 1_000 + exchange,
        ]);
        seen.push(rows[0].mine);
      }
      return seen;
    }),
  );
  const wanted = clients.map((_, session) =>
    Array.from({ length: EXCHANGES }, (__, exchange) => session * 1_000 + exchange),
  );
  expect(answers).toEqual(wanted);
});

test("who holds a lock is never kept from giving it back by those that wait for it", async () => {
  await Promise.all(
    clients.map(async (client) => {
      for (let exchange = 0; exchange < 4; exchange++) {
        await client.query("BEGIN");
        await client.query("SELECT n FROM turns WHERE id = 0 FOR UPDATE");
        await client.query("UPDATE turns SET n = n + 1 WHERE id = 0");
        await client.query("COMMIT");
        await client.query("SELECT n FROM turns WHERE id = 0");
      }
    }),
  );
  const { rows } = await owner.query("SELECT n FROM turns WHERE id = 0");
  expect(rows).toEqual([{ n: SESSIONS * 4 }]);
});

test("sessions that leave while others wait leave their turns to them", async () => {
  const [kept, left] = [clients.slice(0, 24), clients.slice(24)];
  const ends = left.map(async (client) => {
    for (let exchange = 0; exchange < 10; exchange++) await client.query("SELECT n FROM turns WHERE id = 0");
    await client.end();
  });
  const counts = kept.map(async (client) => {
    let count = 0;
    for (let exchange = 0; exchange < EXCHANGES; exchange++)
      count += (await client.query("SELECT 1 FROM turns WHERE id = 0")).rows.length;
    return count;
  });
  await Promise.all(ends);
  expect(await Promise.all(counts)).toEqual(kept.map(() => EXCHANGES));
  clients = kept;
});
