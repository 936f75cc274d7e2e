import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { constructProbes } from "./fixtures/construct-probes.ts";
import { leakSchema } from "./fixtures/leak-schema.ts";
import { leakAttempts, probes } from "./fixtures/leaking-queries.ts";
import { seeded } from "./fixtures/model-script.ts";
import { statisticsProbes, withoutTimes } from "./fixtures/statistics-probes.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire, type WireClient } from "./fixtures/wire.ts";

// The same rows twice, but for their classified values. Whatever an agent's answers tell apart, it can learn of a hidden value.
const SCHEMAS = ["twin_a", "twin_b"] as const;
const RANDOM = 300;

let owner: pg.Client;
let site: TestSite;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  const twins = SCHEMAS.map((schema, at) => leakSchema(schema, upstream.user, 100 + at));
  for (const { create, drop } of twins) {
    await owner.query(drop);
    await owner.query(create);
  }
  site = await startTestSite({
    upstream,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
  });
  site.change((content) => ({
    ...content,
    dataClasses: content.dataClasses.map(({ name }) => ({ name, strategy: "redact" })),
    columnClasses: SCHEMAS.flatMap((schema) =>
      ["people", "copied", "logins"].flatMap((table) =>
        Object.entries(twins[0]?.classes ?? {}).map(([column, dataClass]) => ({
          resourceId: content.resources[0]?.id ?? "",
          schema,
          table,
          column,
          classes: [dataClass],
        })),
      ),
    ),
  }));
});

afterAll(async () => {
  await site?.close();
  for (const schema of SCHEMAS) await owner?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await owner?.end();
});

async function session(schema: string): Promise<WireClient> {
  const params = { search_path: schema, statement_timeout: "3000" };
  const client = await openWire(site, { user: "copilot", token: "token:copilot:ana", params });
  await client.answers();
  return client;
}

async function answerTo(client: WireClient, schema: string, text: string): Promise<string> {
  client.send(encode.query(text));
  // descriptions name the twins' own OIDs
  const seen = (await client.answers()).filter(({ type }) => type !== "T");
  return seen
    .map(({ body, code, type }) => `${type} ${code ?? ""} ${body.toString("latin1")}`)
    .join("\n")
    .replaceAll(schema, "twin");
}

test("an agent's answers are the same whatever the hidden values are", { timeout: 200_000 }, async () => {
  const [first, second] = [await session(SCHEMAS[0]), await session(SCHEMAS[1])];
  const told: string[] = [];
  let answered = 0;
  for (const texts of [
    ...leakAttempts(seeded(5), RANDOM, "twin"),
    ...probes(),
    ...constructProbes(),
    ...statisticsProbes(),
  ]) {
    for (const text of texts) {
      const [one, other] = [await answerTo(first, SCHEMAS[0], text), await answerTo(second, SCHEMAS[1], text)];
      if (withoutTimes(one) !== withoutTimes(other))
        told.push(`${text}\n  ${one.slice(0, 300)}\n  ${other.slice(0, 300)}`);
      if (one.startsWith("D ") || one.includes("\nD ")) answered++;
    }
  }
  expect(told).toEqual([]);
  expect(answered).toBeGreaterThan(50);
  first.destroy();
  second.destroy();
});

test("plans, samples and counters do tell them apart to whom nothing stands in the way of", async () => {
  let telling = 0;
  for (const [text = ""] of statisticsProbes()) {
    const answers: string[] = [];
    for (const schema of SCHEMAS) {
      await owner.query(`SET search_path = ${schema}`);
      const answer = await owner.query(text).then(
        ({ rows }) => rows.map((row) => Object.values(row).map(String).join(" ")).join("\n"),
        (cause: unknown) => String(cause),
      );
      answers.push(withoutTimes(answer.replaceAll(schema, "twin")));
    }
    if (answers[0] !== answers[1]) telling++;
  }
  expect(telling).toBeGreaterThan(20);
});
