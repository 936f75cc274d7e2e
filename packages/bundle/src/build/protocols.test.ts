import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { schemaText, sluiceActions } from "@sluice/policy-engine";
import { describe, expect, test, vi } from "vitest";
import { checkPolicies } from "./index.ts";
import { neutralContext } from "./neutral-context.ts";
import { protocolSamples } from "./protocols.fixture.ts";
import { runPolicyTests } from "./run-policy-tests.ts";
import { policySuiteSchema } from "./test-format.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

const ana = { uid: { type: "User", id: "ana" }, parents: [{ type: "Group", id: "staff" }] };

describe.each(protocolSamples)("$protocol", ({ access, guardrails, entities, cases }) => {
  const texts = { access, guardrails, obligations: "" };

  test("a policy about it validates", () => {
    expect(checkPolicies(texts).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("and decides, without a word of engine code", () => {
    const named = cases.map(({ action, resource, context, verdict }, at) => ({
      name: `${at}`,
      principal: 'User::"ana"',
      action,
      resource,
      context,
      expect: { verdict },
    }));
    const suite = policySuiteSchema.parse({ entities: [ana, ...entities], cases: named });
    const { outcomes } = unwrap(runPolicyTests(texts, [suite]));
    expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  });
});

const parsedSchema = cedar.schemaToJson(schemaText);
if (parsedSchema.type === "failure")
  throw new Error("the shipped schema does not parse", { cause: parsedSchema.errors });
const schema = parsedSchema.json;
const leaves = Object.entries(schema[""]?.actions ?? {}).flatMap(([id, { appliesTo }]) => {
  const [type] = appliesTo?.resourceTypes ?? [];
  return type === undefined ? [] : [{ id, type }];
});

test("every action of the schema is in a group that guardrails name, or is session.open or unmask", () => {
  const groups = new Map(sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id)]));
  const reaches = (id: string): boolean => /^[a-z]+$/.test(id) || (groups.get(id) ?? []).some(reaches);
  const outside = leaves.map(({ id }) => id).filter((id) => !reaches(id));
  expect(outside).toEqual(["session.open"]);
});

test("a plain exchange of every action has the context that the schema asks for", () => {
  expect(leaves.length).toBeGreaterThan(90);
  cedar.preparseSchema("protocols", schemaText);
  cedar.preparsePolicySet("none", {});
  const wrong = leaves.flatMap(({ id, type }) => {
    const context: cedar.Context = JSON.parse(JSON.stringify(neutralContext(id)));
    const answer = cedar.statefulIsAuthorized({
      principal: { type: "User", id: "ana" },
      action: { type: "Action", id },
      resource: { type, id: "x" },
      context,
      preparsedSchemaName: "protocols",
      validateRequest: true,
      preparsedPolicySetId: "none",
      entities: [],
    });
    return answer.type === "failure" ? answer.errors.map(({ message }) => `${id}: ${message}`) : [];
  });
  expect(wrong).toEqual([]);
});

test("an access policy refers to a grant, which ends when its time ends", () => {
  const access = `@id("granted") permit (principal is User, action in Action::"sql.read", resource) when { context has grant && context.grant.principal == principal && context.grant has resource && resource in context.grant.resource && context.grant.startsAt <= context.now && context.now < context.grant.endsAt };`;
  const at = (arg: string) => ({ __extn: { fn: "datetime", arg } });
  const attrs = {
    principal: { __entity: { type: "User", id: "ana" } },
    resource: { __entity: { type: "Database", id: "shop" } },
    actions: ["sql.read"],
    startsAt: at("2026-01-14T09:00:00Z"),
    endsAt: at("2026-01-14T11:00:00Z"),
  };
  const entities = [
    { uid: { type: "Grant", id: "g" }, attrs },
    { uid: { type: "Database", id: "shop" }, attrs: { name: "shop", kind: "postgres", environment: "production" } },
  ];
  const grant = { __entity: { type: "Grant", id: "g" } };
  const ask = (name: string, context: object, verdict: string, principal = 'User::"ana"') => ({
    name,
    principal,
    action: "sql.read.session",
    resource: 'Database::"shop"',
    context,
    expect: { verdict },
  });
  const suite = policySuiteSchema.parse({
    entities,
    cases: [
      ask("in time", { grant }, "allow"),
      ask("none", {}, "deny"),
      ask("over", { grant, now: at("2026-01-14T11:00:00Z") }, "deny"),
      ask("of somebody else", { grant }, "deny", 'User::"bo"'),
    ],
  });
  const run = unwrap(runPolicyTests({ guardrails: "", access, obligations: "" }, [suite]));
  expect(run.outcomes.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`))).toEqual([]);
});
