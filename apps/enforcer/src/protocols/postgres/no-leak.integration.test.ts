import { readFileSync } from "node:fs";
import type { BundleContent } from "@sluice/bundle";
import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { type LeakDetector, leakDetector } from "./fixtures/leak-detector.ts";
import { leakSchema } from "./fixtures/leak-schema.ts";
import { leakAttempts } from "./fixtures/leaking-queries.ts";
import { seeded } from "./fixtures/model-script.ts";
import { statisticsProbes } from "./fixtures/statistics-probes.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { openWire, type WireClient } from "./fixtures/wire.ts";

const SCHEMA = "no_leak";
const RANDOM = 250;
const ANSWERED_MIN = 200;

/** Everything but what no policy should ever give: so that masking alone stands between a value and the client. */
const ALMOST_ALL = `
@id("open") permit (principal, action == Action::"session.open", resource);
@id("almost-all")
permit (principal, action in [Action::"sql.read", Action::"sql.write", Action::"sql.exec.call", Action::"sql.opaque"], resource);
`;

let owner: pg.Client;
let site: TestSite;
let detector: LeakDetector;

beforeAll(async () => {
  const upstream = inject("upstream");
  owner = new pg.Client({ ...upstream, ...upstream.owner, ssl: { ca: readFileSync(upstream.caFile, "utf8") } });
  await owner.connect();
  const schema = leakSchema(SCHEMA, upstream.user);
  await owner.query(schema.drop);
  await owner.query(schema.create);
  detector = leakDetector(schema.values, schema.binaries);
  site = await startTestSite({
    upstream,
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "development",
    compiled: unwrap(compilePolicies({ guardrails: "", access: ALMOST_ALL, obligations: "" })),
  });
  site.change((content) => ({
    ...content,
    dataClasses: content.dataClasses.map(({ name }) => ({ name, strategy: "redact" })),
    columnClasses: ["people", "copied", "logins"].flatMap((table) =>
      Object.entries(schema.classes).map(([column, dataClass]) => ({
        resourceId: content.resources[0]?.id ?? "",
        schema: SCHEMA,
        table,
        column,
        classes: [dataClass],
      })),
    ),
  }));
});

afterAll(async () => {
  await site?.close();
  await owner?.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await owner?.end();
});

type Send = (client: WireClient, text: string) => void;

const simple: Send = (client, text) => client.send(encode.query(text));
const extended =
  (format: 0 | 1): Send =>
  (client, text) => {
    const formats = format === 0 ? [0, 0] : [0, 1, 0, 1];
    const bound = Buffer.concat([encode.cstring(""), encode.cstring(""), Buffer.from([0, 0, 0, 0, ...formats])]);
    client.send(
      encode.parse("", text),
      encode.frame(0x42, bound),
      encode.describe("P", ""),
      encode.execute("", 0),
      encode.sync(),
    );
  };

/** Sends a text and gives everything that came back until the session is ready again. */
async function answerTo(
  client: WireClient,
  send: Send,
  text: string,
): Promise<{ bytes: Buffer; failed: string | undefined; rows: number }> {
  send(client, text);
  const seen = await client.answers();
  const bytes = Buffer.concat(seen.map(({ body }) => body));
  const rows = seen.filter(({ type }) => type === "D" || type === "d").length;
  return { bytes, failed: seen.find(({ type }) => type === "E")?.text, rows };
}

async function session(): Promise<WireClient> {
  const client = await openWire(site, { params: { search_path: SCHEMA, statement_timeout: "3000" } });
  await client.answers();
  return client;
}

/** Takes all classes away; gives them back to be put in force again. */
function declassify(): BundleContent["columnClasses"] {
  let before: BundleContent["columnClasses"] = [];
  site.change((content) => {
    before = content.columnClasses;
    return { ...content, columnClasses: [] };
  });
  return before;
}

describe("somebody who may do almost anything but unmask", () => {
  test.each([
    ["the simple protocol", simple],
    ["the extended protocol in text", extended(0)],
    ["the extended protocol in binary", extended(1)],
  ])(
    "is shown no classified value over %s, in no byte and no simple encoding",
    { timeout: 300_000 },
    async (_how, send) => {
      let client = await session();
      let answered = 0;
      const leaks: string[] = [];
      const ended: string[] = [];
      for (const texts of [...leakAttempts(seeded(11), RANDOM, SCHEMA), ...statisticsProbes()]) {
        for (const text of texts) {
          if (client.closed) client = await session();
          const { bytes, rows } = await answerTo(client, send, text).catch((cause: unknown) => {
            if (client.closed) return { bytes: Buffer.alloc(0), rows: 0 };
            throw new Error(`no answer to ${text}`, { cause });
          });
          const found = detector.find(bytes);
          if (found !== undefined) leaks.push(`${text} shows ${found}`);
          if (client.closed) ended.push(text);
          if (rows > 0) answered++;
        }
      }
      expect({ leaks, ended }).toEqual({ leaks: [], ended: [] });
      expect(answered).toBeGreaterThan(ANSWERED_MIN);
    },
  );

  test("is told the channel of a notification, not what a trigger or function wrote into it", async () => {
    const client = await session();
    await answerTo(client, simple, "LISTEN told");
    await owner.query(`SELECT ${SCHEMA}.tells(1)`);
    await client.until(() => client.types().includes("A"));
    const body = client.seen.find(({ type }) => type === "A")?.body ?? Buffer.alloc(0);
    expect(body.toString()).toContain("told\0the payload is withheld by Sluice");
    expect(detector.find(body)).toBeUndefined();
    client.destroy();
  });

  test.each([
    "upper(email)",
    "reverse(phone)",
    "replace(phone, '-', '')",
    "substr(email, 4, 8)",
    "encode(email::bytea, 'hex')",
    "encode(('ab' || email)::bytea, 'base64')",
    "regexp_replace(email, '(.)', E'\\\\1-', 'g')",
    "to_json(p)",
    "pic",
    "card + 0",
    "ROW(home)",
  ])("would be found out if it were shown %s", async (expression) => {
    const before = declassify();
    const client = await session();
    const { bytes } = await answerTo(client, simple, `SELECT ${expression} FROM people p WHERE id = 1`);
    site.change((content) => ({ ...content, columnClasses: before }));
    expect(detector.find(bytes)).toBeDefined();
    client.destroy();
  });

  test("hears notifications as they are where no data class is to hide", async () => {
    const client = await session();
    const before = declassify();
    await answerTo(client, simple, "LISTEN told");
    await owner.query("NOTIFY told, 'as it is'");
    await client.until(() => client.types().includes("A"));
    expect(client.seen.find(({ type }) => type === "A")?.text).toContain("as it is");
    site.change((content) => ({ ...content, columnClasses: before }));
    client.destroy();
  });
});
