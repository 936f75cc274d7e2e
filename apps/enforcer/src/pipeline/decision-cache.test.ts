import { beforeAll, describe, expect, test } from "vitest";
import type { SqlSessionSettings, StatementFacts } from "../languages/facts.ts";
import { fixtureCatalogue, readCorpus } from "../languages/sql/corpus/load-corpus.fixture.ts";
import { loadSqlParser, type SqlAnalyser } from "../languages/sql/index.ts";
import { bundleOf, person } from "./bundle.fixture.ts";
import { decideRequest } from "./decide.ts";
import type { DecisionInput } from "./decision.ts";
import { DecisionCache } from "./decision-cache.ts";

const SETTINGS: SqlSessionSettings = {
  searchPath: '"$user", public',
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};
const catalogue = fixtureCatalogue();
const bundle = bundleOf();
const client = { ip: "127.0.0.1", application: "test", protocol: "postgres" };
const ana = person("ana");
let analyser: SqlAnalyser;

beforeAll(async () => {
  analyser = await loadSqlParser();
});

async function factsOf(text: string): Promise<readonly StatementFacts[]> {
  return analyser.analyse(text, SETTINGS, catalogue);
}

function input(statements: readonly StatementFacts[], changes: Partial<DecisionInput> = {}): DecisionInput {
  const [resource] = bundle.content.resources;
  if (!resource) throw new Error("the bundle has no resource");
  const state = { bundle, catalogue, resource, identity: ana, client, inTransaction: false, nowMs: 1_760_000_000_000 };
  return { ...state, statements, ...changes };
}

describe("a session's kept decisions", () => {
  test("equal new ones, over the whole corpus, each text with several literals", async () => {
    const cache = new DecisionCache();
    let compared = 0;
    for (const text of [...readCorpus("honest"), ...readCorpus("hostile"), ...readCorpus("leaks")].map(
      (entry) => entry.text,
    )) {
      for (const variant of [text, text.replace(/\b\d\b/g, "7"), text.replace(/'[a-z]+'/gi, "'zz'"), ` ${text}`]) {
        const statements = await factsOf(variant);
        for (const inTransaction of [false, true]) {
          const asked = input(statements, { inTransaction });
          expect(cache.decide(asked), variant).toEqual(decideRequest(asked));
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(3_000);
    expect(cache.size).toBeLessThanOrEqual(256);
  }, 120_000);

  test("serve texts that differ in literals alone, and no others", async () => {
    const cache = new DecisionCache();
    const decided = async (text: string) => cache.decide(input(await factsOf(text)));
    const first = await decided("SELECT id, name FROM customers WHERE id = 1");
    expect(await decided("SELECT  id, name FROM customers WHERE id = 20017")).toBe(first);
    expect(await decided("SELECT id, email FROM customers WHERE id = 1")).not.toBe(first);
    expect(await decided("SELECT id, name FROM customers WHERE email = '1'")).not.toBe(first);
    expect(await decided("SELECT id, name FROM orders WHERE id = 1")).not.toBe(first);
  });

  test("are made anew for another time, person, client, bundle, catalogue or transaction, and with an approval", async () => {
    const cache = new DecisionCache();
    const statements = await factsOf("SELECT id FROM customers WHERE id = 1");
    const basis = input(statements);
    for (const changes of [
      { nowMs: basis.nowMs + 1_000 },
      { identity: person("bo") },
      { client: { ...client } },
      { bundle: bundleOf() },
      { catalogue: { ...catalogue } },
      { inTransaction: true },
      { approval: { id: "a", workflows: ["production-change"], approverIds: ["bo"] } },
    ] satisfies Partial<DecisionInput>[]) {
      const before = cache.decide(basis);
      expect(cache.decide(basis)).toBe(before);
      const changed = input(statements, changes);
      expect(cache.decide(changed)).not.toBe(before);
      expect(cache.decide(changed)).toEqual(decideRequest(changed));
    }
  });
});
