import { readFileSync } from "node:fs";
import { unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import { starterPolicies } from "../starter/starter-policies.ts";
import { diffPolicies, type PolicyTexts, policySuiteSchema, runPolicyTests } from "./index.ts";

const suiteFile = new URL("../starter/starter.policy-tests.json", import.meta.url);
const starterSuite = policySuiteSchema.parse(JSON.parse(readFileSync(suiteFile, "utf8")));
const texts: PolicyTexts = {
  guardrails: "",
  access: '@id("read") permit (principal is User, action == Action::"sql.read.select", resource);',
  obligations: "",
};

function suite(expected: Record<string, unknown>) {
  return policySuiteSchema.parse({
    entities: [],
    cases: [
      { name: "one", principal: 'User::"a"', action: "sql.read.select", resource: 'Table::"t"', expect: expected },
    ],
  });
}

test("the starter pack passes its own tests, which cover every policy", { timeout: 60_000 }, () => {
  const run = unwrap(runPolicyTests(starterPolicies(), [starterSuite]));
  expect(run.outcomes.filter(({ passed }) => !passed)).toEqual([]);
  expect(run.uncovered).toEqual([]);
});

test("says what differs from the expected verdict", () => {
  const run = unwrap(
    runPolicyTests(texts, [suite({ verdict: "deny", determining: ["x"], obligations: { strict: true } })]),
  );
  expect(run).toMatchObject({ passed: false, covered: ["read"] });
  expect(run.outcomes[0]?.failures).toEqual([
    "expected deny, got allow because of read",
    'expected "x" to determine it, got read',
    "expected strict true, got false",
  ]);
});

test("refuses texts that do not check, and tests that cannot be read", () => {
  expect(runPolicyTests({ ...texts, access: "permit (" }, [])).toMatchObject({
    ok: false,
    error: [{ code: "parse_error" }],
  });
  const [first, ...rest] = suite({ verdict: "allow" }).cases;
  if (first === undefined) throw new Error("the suite has a case");
  const broken = { entities: [], cases: [{ ...first, principal: 'User::"a" or so"' }, ...rest] };
  const [outcome] = unwrap(runPolicyTests(texts, [broken])).outcomes;
  expect(outcome?.passed).toBe(false);
  expect(outcome?.failures[0]).toContain("is not written like");
});

test("tells added, removed, changed and moved policies apart, and layout from meaning", () => {
  const policy = (id: string, rest = "") =>
    `@id("${id}")\nforbid (principal, action == Action::"sql.read.select", resource) ${rest};`;
  const before = { ...texts, guardrails: [policy("a"), policy("b"), policy("c"), policy("d")].join("\n") };
  const guardrails = [
    policy("a").replaceAll("\n", " // layout\n"),
    policy("b", "when { context.sql.opaque }"),
    policy("e"),
  ];
  const after = { ...texts, guardrails: guardrails.join("\n"), access: `${texts.access}\n${policy("d")}` };
  expect(diffPolicies(before, after).map(({ id, kind, set }) => [id, kind, set])).toEqual([
    ["b", "changed", "guardrails"],
    ["e", "added", "guardrails"],
    ["d", "moved", "access"],
    ["c", "removed", "guardrails"],
  ]);
});

describe("a case with a typo tests nothing, so it fails", () => {
  const told = (changed: object) => {
    const one = { name: "one", principal: 'User::"a"', action: "sql.read.select", resource: 'Table::"shop/public.t"' };
    const cases = [{ ...one, expect: { verdict: "deny" }, ...changed }];
    const run = unwrap(
      runPolicyTests({ guardrails: "", access: "", obligations: "" }, [policySuiteSchema.parse({ cases })]),
    );
    return run.outcomes.flatMap(({ failures }) => failures);
  };

  test.each([
    ["an action", { action: "sql.read.selct" }, "There is no action sql.read.selct. Did you mean sql.read.select?"],
    ["a verb", { action: "delete" }, "There is no action delete. Did you mean sql.write.delete?"],
    ["a group", { action: "sql.write" }, "sql.write is a group of actions: name one action of it, such as sql."],
    ["a type", { resource: 'Tabel::"t"' }, "There is no entity type Tabel. Did you mean Table?"],
    [
      "a flag",
      { context: { sql: { unbunded: true } } },
      "There is no context.sql.unbunded. Did you mean context.sql.unbounded?",
    ],
    ["a part", { context: { unbounded: true } }, "There is no context.unbounded."],
    ["another protocol", { context: { http: { method: "GET" } } }, "There is no context.http."],
  ])("in %s", (_what, changed, failure) => {
    expect(told(changed).join()).toContain(failure);
  });

  test("what the schema knows is asked", () => {
    const approval = { id: "a", workflows: ["w"], approvers: [{ __entity: { type: "User", id: "bo" } }] };
    const now = { __extn: { fn: "datetime", arg: "2026-01-01" } };
    const grant = { __entity: { type: "Grant", id: "g" } };
    expect(told({ context: { now, approval, grant, sql: { unbounded: true } } })).toEqual([]);
  });
});

test("an object that nobody described is in its database, as an enforcer makes it", () => {
  const access = `@id("r") permit (principal, action == Action::"sql.read.select", resource in Database::"shop") when { resource.schema == "public" && resource.name == "t" };`;
  const one = { name: "one", principal: 'User::"a"', action: "sql.read.select", resource: 'Table::"shop/public.t"' };
  const suite = policySuiteSchema.parse({ cases: [{ ...one, expect: { verdict: "allow" } }] });
  const run = unwrap(runPolicyTests({ guardrails: "", access, obligations: "" }, [suite]));
  expect(run.outcomes[0]).toMatchObject({
    passed: true,
    notes: ['User::"a" is not among the tests\' entities: it is in no group and has no attributes'],
  });
});
