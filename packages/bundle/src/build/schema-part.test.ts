import { unwrap } from "@sluice/kernel";
import { expect, test, vi } from "vitest";
import { starterPolicies } from "../starter/starter-policies.ts";
import { type ParsedPolicy, parsePolicy, validationBatches } from "./cedar.ts";
import { checkPolicies } from "./index.ts";
import { protocolSamples } from "./protocols.fixture.ts";
import { partFor, schemaPart } from "./schema-part.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

function part(action: string, condition = "true"): string {
  const text = `@id("x") permit (principal, action ${action}, resource) when { ${condition} };`;
  return partFor(text, unwrap(parsePolicy(text)));
}

test.each([
  ['== Action::"sql.read.select"', "true", "sql"],
  ['in [Action::"sql.read", Action::"unmask"]', "true", "sql unmask"],
  ['== Action::"sql.read.select"', 'action == Action::"http.read.get"', "http sql"],
  // whatever a group over all protocols covers, an unknown protocol, no action at all, or three protocols: the whole schema
  ['in Action::"read"', "true", ""],
  ['== Action::"sqll.read.select"', "true", ""],
  ["", 'action == Action::"sql.read.select"', ""],
  ['in [Action::"sql.read", Action::"http.read", Action::"ssh.read.list"]', "true", ""],
])("a policy with action %s when %s is validated against %j", (action, condition, expected) => {
  expect(part(action, condition)).toBe(expected);
});

test("a part has the actions of its protocols and the groups, and every entity type", () => {
  const whole = schemaPart("")[""];
  const sql = schemaPart("sql")[""];
  expect(Object.keys(sql?.entityTypes ?? {})).toEqual(Object.keys(whole?.entityTypes ?? {}));
  const actions = Object.keys(sql?.actions ?? {});
  expect(actions).toContain("sql.read.select");
  expect(actions).toContain("read");
  expect(actions.filter((id) => id.startsWith("http.") || id === "unmask")).toEqual([]);
});

function foundIn(policies: readonly ParsedPolicy[]) {
  const found = [...validationBatches(policies)].flatMap((batch) =>
    batch.policies.map(({ text }, at) => [text, batch.findings[at]] as const),
  );
  return new Map(found);
}

test("the validator says of good and bad policies what it says with the whole schema", () => {
  const wrong = [
    '@id("a") permit (principal, action == Action::"sql.read.select", resource) when { context.http.opaque };',
    '@id("b") permit (principal, action == Action::"sql.read.select", resource is Endpoint);',
    '@id("c") permit (principal is Usr, action in Action::"sql.write", resource);',
    '@id("d") permit (principal, action == Action::"sql.read.select", resource) when { action == Action::"http.read.gat" };',
    '@id("e") forbid (principal, action in Action::"mcp.read.list", resource) when { context.approval.id == "x" };',
  ];
  const samples = protocolSamples.map(({ access, guardrails }) => ({ access, guardrails, obligations: "" }));
  const good = [starterPolicies(), ...samples].flatMap((texts) =>
    checkPolicies(texts).policies.map(({ text }) => text),
  );
  const policies = [...wrong, ...good].map((text) => ({ text, json: unwrap(parsePolicy(text)) }));
  // a policy for every action is never cut down
  const uncut = policies.map(({ text, json }) => ({ text, json: { ...json, action: { op: "All" as const } } }));
  expect(foundIn(policies)).toEqual(foundIn(uncut));
}, 60_000);
