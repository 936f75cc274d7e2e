import { readFileSync } from "node:fs";
import { unwrap } from "@sluice/kernel";
import { expect, test } from "vitest";
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
