import { unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import type { DecisionRequest } from "./contract.ts";
import { createSnapshot, entityUid, load, printValue, value } from "./index.ts";
import { CedarRecord, type Val } from "./values/value.ts";

type Json = Readonly<Record<string, unknown>>;

const all = { op: "All" } as const;
const empty = { language: "4.5", staticPolicies: {} };

function policy(effect: "permit" | "forbid", body?: unknown, scope: Json = {}): Json {
  const conditions = body === undefined ? [] : [{ kind: "when", body }];
  return { effect, principal: all, action: all, resource: all, conditions, ...scope };
}

function named(policies: readonly Json[]): Json {
  return { language: "4.5", staticPolicies: Object.fromEntries(policies.map((each, at) => [`p${at}`, each])) };
}

const within = (type: string, id: string) => ({ op: "in", entity: { type, id } });
const path = (name: string) => ({ ".": { left: { Var: "context" }, attr: name } });
const ana = entityUid("User", "ana");
const doc = entityUid("Table", "shop/public.customers");
const asked: DecisionRequest = {
  principal: ana,
  action: entityUid("Action", "sql.read.select"),
  resource: doc,
  context: value.record({}),
  entities: createSnapshot([]),
};

/** Counts how often policies read it. */
class CountedFields extends Map<string, Val> {
  reads = 0;
  override get(name: string): Val | undefined {
    this.reads += 1;
    return super.get(name);
  }
}

describe("an explanation", () => {
  test("of a small set is complete and does not say otherwise", () => {
    const engine = unwrap(
      load({ guardrails: named([policy("forbid", path("a"))]), access: empty, obligations: empty }),
    );
    expect(engine.explain(asked).leftOut).toBeUndefined();
    expect(engine.explain(asked).wouldAllow).toEqual([
      'policy "p0" must be possible to evaluate (context does not have the attribute a)',
    ]);
  });

  test("of a thousand policies that read a hundred facts each stays within its bounds, lists what decided first, and says what it left out", () => {
    const many = Array.from({ length: 100 }, (_, at) => path(`a${at}`));
    const wide = { containsAny: { left: { Set: many }, right: { Value: [] } } };
    const policies = Array.from({ length: 1_000 }, (_, at) => policy("forbid", at === 999 ? undefined : wide));
    const engine = unwrap(load({ guardrails: named(policies), access: empty, obligations: empty }));
    const fields = new CountedFields(Array.from({ length: 100 }, (_, at) => [`a${at}`, at]));
    const request = { ...asked, context: new CedarRecord(fields) };
    engine.decide(request);
    const deciding = fields.reads;
    const explanation = engine.explain(request);
    expect(explanation.policies).toHaveLength(200);
    expect(explanation.policies[0]).toMatchObject({ id: "p999", outcome: "satisfied", reads: [] });
    for (const { reads } of explanation.policies.slice(1)) expect(reads).toHaveLength(32);
    expect(explanation.leftOut).toEqual(["800 more policies that apply to these entities"]);
    // twice the decision at most, for what it lists, and the facts themselves
    expect(fields.reads - deciding).toBeLessThan(2 * deciding + 200 * 33);
  });

  test("looks for facts in a part of a condition only, however often it reads the same", () => {
    const wide = { Set: Array.from({ length: 20_000 }, (_, at) => path(at === 19_999 ? "last" : "first")) };
    const body = { containsAny: { left: wide, right: { Value: [] } } };
    const engine = unwrap(load({ guardrails: named([policy("forbid", body)]), access: empty, obligations: empty }));
    const context = value.record({ first: 1, last: 2 });
    expect(engine.explain({ ...asked, context }).policies[0]?.reads).toEqual(["context.first = 1"]);
  });

  test("names the nearest of many permits, looks at no more than 2,000 of them, and says so", () => {
    const far = policy("permit", undefined, { principal: within("Group", "x"), resource: within("Database", "y") });
    const near = policy("permit", undefined, { principal: within("Group", "privacy") });
    const close = policy("permit", { Value: false });
    const elsewhere = policy("permit", undefined, { action: within("Action", "write") });
    const policies = [...Array.from({ length: 1_997 }, () => far), elsewhere, near, close, near];
    const engine = unwrap(load({ guardrails: empty, access: named(policies), obligations: empty }));
    const { wouldAllow, leftOut } = engine.explain(asked);
    expect(wouldAllow).toHaveLength(5);
    expect(wouldAllow.slice(0, 3)).toEqual([
      'principal in Group::"privacy" (policy "p1998")',
      'its conditions (policy "p1999")',
      'principal in Group::"x" and resource in Database::"y" (policy "p0")',
    ]);
    expect(leftOut).toEqual(["1 permits that might be nearer to what was asked"]);
  });

  test("of more determining policies than it advises on says how many", () => {
    const policies = Array.from({ length: 9 }, () => policy("forbid"));
    const engine = unwrap(load({ guardrails: named(policies), access: empty, obligations: empty }));
    const { wouldAllow, leftOut } = engine.explain(asked);
    expect(wouldAllow[4]).toBe('a request to which policy "p4" does not apply');
    expect(wouldAllow).toHaveLength(5);
    expect(leftOut).toEqual(["what 4 more determining policies ask"]);
  });

  test("of a scope with many actions names the first of them", () => {
    const entities = Array.from({ length: 20 }, (_, at) => ({ type: "Action", id: `a${at}` }));
    const scope = { action: { op: "in", entities: [...entities, { type: "Action", id: "sql.read.select" }] } };
    const engine = unwrap(
      load({ guardrails: named([policy("forbid", undefined, scope)]), access: empty, obligations: empty }),
    );
    expect(engine.explain(asked).policies[0]?.reads[0]).toContain('Action::"a7" and 13 more] = true');
  });
});

test("a deep hierarchy costs its depth and its policies, not their product", { timeout: 30_000 }, () => {
  const depth = 5_000;
  const groups = Array.from({ length: depth }, (_, at) => entityUid("Group", `g${at}`));
  const folders = Array.from({ length: depth }, (_, at) => entityUid("Folder", `f${at}`));
  const entities = createSnapshot([
    { uid: ana, attrs: {}, parents: groups },
    { uid: doc, attrs: {}, parents: folders },
  ]);
  const policies = groups.map(({ id }, at) =>
    policy(
      "permit",
      { Value: at % 100 === 7 },
      { principal: within("Group", id), resource: within("Folder", `f${at}`) },
    ),
  );
  const engine = unwrap(load({ guardrails: empty, access: named(policies), obligations: empty }));
  const start = performance.now();
  for (let round = 0; round < 3; round += 1) {
    const verdict = engine.decide({ ...asked, entities });
    expect(verdict.determining).toHaveLength(50);
    expect(verdict.determining.slice(0, 2)).toEqual(["p7", "p107"]);
  }
  expect(engine.explain({ ...asked, entities }).policies).toHaveLength(200);
  expect(performance.now() - start).toBeLessThan(5_000);
});

describe("questions about many", () => {
  const engine = unwrap(load({ guardrails: empty, access: named([policy("permit")]), obligations: empty }));

  test("whoCan asks about 10,000 principals at most and says when there were more", () => {
    const people = Array.from({ length: 10_001 }, (_, at) => ({
      uid: entityUid("User", `u${at}`),
      attrs: {},
      parents: [],
    }));
    const { principal: _, ...question } = { ...asked, entities: createSnapshot(people) };
    const some = engine.whoCan(question);
    expect([some.answers.length, some.considered, some.complete]).toEqual([10_000, 10_000, false]);
    const exactly = engine.whoCan({ ...question, principals: people.slice(1).map(({ uid }) => uid) });
    expect([exactly.answers.length, exactly.considered, exactly.complete]).toEqual([10_000, 10_000, true]);
  });

  test("whatCan ends even when what it is asked about does not", () => {
    function* forever() {
      for (;;) yield { action: asked.action, resource: doc, context: asked.context };
    }
    const { considered, complete } = engine.whatCan({ principal: ana, entities: asked.entities, pairs: forever() });
    expect([considered, complete]).toEqual([10_000, false]);
  });

  test("whatCan keeps only what would pass", () => {
    const access = named([
      policy("permit", undefined, { resource: { op: "==", entity: { type: doc.type, id: doc.id } } }),
    ]);
    const choosy = unwrap(load({ guardrails: empty, access, obligations: empty }));
    const pairs = [doc, ana].map((resource) => ({ action: asked.action, resource, context: asked.context }));
    const { answers, considered } = choosy.whatCan({ principal: ana, entities: asked.entities, pairs });
    expect(answers.map(({ resource }) => resource)).toEqual([doc]);
    expect(considered).toBe(2);
  });
});

test("prints the beginning of a value however large or deep it is", () => {
  let deep = value.record({ end: 1 });
  for (let level = 0; level < 50_000; level += 1) deep = value.record({ d: deep });
  expect(printValue(deep).slice(0, 20)).toBe("{d: {d: {d: {d: {d: ");
  expect(printValue(deep).length).toBe(201);
  const bomb = Array.from({ length: 6 }).reduce<Val>((inside) => {
    return value.record(Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, inside])));
  }, "x");
  expect(printValue(bomb).length).toBe(201);
  expect(printValue(value.set(Array.from({ length: 100_000 }, (_, at) => at))).length).toBe(201);
});
