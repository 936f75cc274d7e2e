import { expect, test } from "vitest";
import { completePolicy } from "./complete-policy.ts";

const complete = completePolicy({
  actions: [{ id: "sql.read.select", resourceTypes: ["Table"], groups: ["sql.read"] }],
  entityTypes: [{ name: "Database", attributes: ["name", "environment"] }],
  contextFields: ["now", "sql.unbounded"],
  annotations: [{ name: "require_approval", help: "asks a workflow" }],
  groups: ["engineering"],
  users: ["ana"],
  agents: ["copilot"],
  databases: ["shop"],
  tables: ["shop/public.customers"],
  dataClasses: ["email"],
  workflows: ["production-change"],
});

function labels(before: string): readonly string[] {
  return complete(before)?.options.map((option) => option.label) ?? [];
}

test("offers the org's own names inside an entity's quotes", () => {
  expect(labels('principal in Group::"eng')).toEqual(["engineering"]);
  expect(complete('principal in Group::"eng')?.from).toBe('principal in Group::"'.length);
  expect(labels('action == Action::"')).toEqual(["sql.read.select"]);
  expect(labels('resource in Database::"')).toEqual(["shop"]);
});

test("offers annotations, workflows, context fields and attributes where each may stand", () => {
  expect(labels("@req")).toEqual(["require_approval"]);
  expect(labels('@require_approval("')).toEqual(["production-change"]);
  expect(labels("context.sq")).toContain("context.sql.unbounded");
  expect(labels("resource.env")).toContain("environment");
  expect(labels("  per")).toContain("permit");
});

test("offers nothing by itself where no word begins", () => {
  expect(labels("permit (")).toEqual([]);
});
