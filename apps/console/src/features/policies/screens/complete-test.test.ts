import { expect, test } from "vitest";
import { completeTest } from "./complete-test.ts";

const complete = completeTest(
  {
    actions: [{ id: "sql.read.select", resourceTypes: ["Table"], groups: ["sql.read"] }],
    entityTypes: [],
    contextFields: [],
    annotations: [],
    groups: ["engineering"],
    users: ["ana"],
    agents: ["copilot"],
    databases: ["shop"],
    tables: ["shop/public.customers"],
    dataClasses: [],
    workflows: ["production-change"],
  },
  ["no-drop"],
);
const labels = (before: string) => complete(before)?.options.map(({ label }) => label) ?? [];

test("offers the org's own names where each may stand", () => {
  expect(labels('      "principal": "')).toEqual(['User::"ana"', 'Agent::"copilot"']);
  expect(labels('      "onBehalfOf": "Us')).toEqual(['User::"ana"']);
  expect(labels('      "resource": "Tab')).toContain('Table::"shop/public.customers"');
  expect(labels('      "action": "sql')).toEqual(["sql.read.select"]);
  expect(labels('      "expect": { "verdict": "')).toEqual(["allow", "ask", "deny"]);
  expect(labels('        "determining": ["other", "')).toEqual(["no-drop"]);
  expect(labels('        "workflows": ["')).toEqual(["production-change"]);
  expect(labels('      "')).toContain("principal");
});

test("writes an entity the way JSON needs it", () => {
  expect(complete('"principal": "')?.options[0]?.apply).toBe('User::\\"ana\\"');
});

test("offers nothing inside a name that people make up", () => {
  expect(labels('      "name": "an')).toEqual([]);
  expect(labels("  12")).toEqual([]);
});
