import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import { createSnapshot, entityUid, loadCedar, value } from "./index.ts";

const user = (id: string) => ({ type: "User", id });
const entities = [
  { uid: user("ana"), attrs: {}, parents: [{ type: "Group", id: "g" }] },
  { uid: { type: "Doc", id: "d" }, attrs: {}, parents: [{ type: "Folder", id: "f" }] },
];

function template(text: string): cedar.PolicyJson {
  const read = cedar.templateToJson(text);
  if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
  return read.json;
}

describe("template links", () => {
  const policies = {
    staticPolicies: {},
    templates: {
      own: template("permit (principal == ?principal, action, resource in ?resource) when { principal != resource };"),
      group: template("permit (principal in ?principal, action, resource == ?resource);"),
      typed: template("forbid (principal is User in ?principal, action, resource is Doc in ?resource);"),
    },
    templateLinks: [
      {
        templateId: "own",
        newId: "own-ana",
        values: { "?principal": user("ana"), "?resource": { type: "Folder", id: "f" } },
      },
      {
        templateId: "own",
        newId: "own-bo",
        values: { "?principal": user("bo"), "?resource": { type: "Folder", id: "f" } },
      },
      {
        templateId: "group",
        newId: "g-d",
        values: { "?principal": { type: "Group", id: "g" }, "?resource": { type: "Doc", id: "d" } },
      },
      {
        templateId: "typed",
        newId: "no-x",
        values: { "?principal": { type: "Group", id: "x" }, "?resource": { type: "Folder", id: "f" } },
      },
    ],
  };

  test.each(["ana", "bo", "cy"])("decide for %s as the official engine does", (id) => {
    const request = { principal: user(id), action: { type: "Action", id: "a" }, resource: { type: "Doc", id: "d" } };
    const answer = cedar.isAuthorized({ ...request, context: {}, policies, entities });
    if (answer.type === "failure") throw new Error(JSON.stringify(answer.errors));
    const ours = unwrap(loadCedar(policies)).authorize({
      principal: entityUid("User", id),
      action: entityUid("Action", "a"),
      resource: entityUid("Doc", "d"),
      context: value.record({}),
      entities: createSnapshot(
        entities.map(({ uid, parents }) => ({
          uid: entityUid(uid.type, uid.id),
          attrs: {},
          parents: parents.map((parent) => entityUid(parent.type, parent.id)),
        })),
      ),
    });
    expect(ours.decision).toBe(answer.response.decision);
    expect([...ours.reasons].sort()).toEqual([...answer.response.diagnostics.reason].sort());
  });

  test.each([
    ["a link without its template", { ...policies, templates: {} }],
    [
      "a link without a value for a slot",
      { ...policies, templateLinks: [{ templateId: "own", newId: "x", values: {} }] },
    ],
    ["a link without a name", { ...policies, templateLinks: [{ templateId: "own", values: {} }] }],
    ["a link that is no object", { ...policies, templateLinks: [7] }],
    ["links that are no list", { ...policies, templateLinks: {} }],
  ])("refuse %s", (_, set) => {
    expect(loadCedar(set)).toMatchObject({ ok: false, error: { code: "policy.bad_est" } });
  });
});

describe("reading EST", () => {
  const policy = (body: unknown, scope: Record<string, unknown> = {}) => ({
    staticPolicies: {
      p: {
        effect: "permit",
        principal: { op: "All" },
        action: { op: "All" },
        resource: { op: "All" },
        conditions: [{ kind: "when", body }],
        ...scope,
      },
    },
  });
  const deep = (levels: number) => {
    let body: unknown = { Value: true };
    for (let level = 0; level < levels; level += 1) body = { "!": { arg: body } };
    return body;
  };

  test.each([
    ["no set at all", undefined],
    ["a policy that is no object", { staticPolicies: { p: 1 } }],
    ["an unknown effect", policy({ Value: true }, { effect: "allow" })],
    ["an unknown scope operator", policy({ Value: true }, { principal: { op: "<" } })],
    ["an is without a type", policy({ Value: true }, { principal: { op: "is" } })],
    ["a principal in several groups", policy({ Value: true }, { principal: { op: "in", entities: [] } })],
    ["conditions that are no list", policy({ Value: true }, { conditions: {} })],
    ["a condition of another kind", policy({ Value: true }, { conditions: [{ kind: "if", body: { Value: true } }] })],
    ["an expression with two keys", policy({ Value: true, Var: "context" })],
    ["an unknown variable", policy({ Var: "self" })],
    ["a null", policy({ Value: null })],
    ["a fraction", policy({ Value: 1.5 })],
    ["an integer that JSON has rounded", policy({ Value: 9_007_199_254_740_992 })],
    ["a missing operand", policy({ "==": { left: { Value: 1 } } })],
    ["a has without an attribute", policy({ has: { left: { Var: "context" }, attr: [] } })],
    ["a pattern that is no list", policy({ like: { left: { Value: "a" }, pattern: "a" } })],
    ["a set that is no list", policy({ Set: {} })],
    ["a record that is no object", policy({ Record: [] })],
    ["arguments that are no list", policy({ ip: {} })],
  ])("refuses %s", (_, set) => {
    expect(loadCedar(set)).toMatchObject({ ok: false, error: { code: "policy.bad_est" } });
  });

  test("refuses operators that it does not know, and nesting that the stack might not hold", () => {
    const code = "policy.unsupported_expression";
    expect(loadCedar(policy({ matches: [] }))).toMatchObject({ ok: false, error: { code } });
    expect(loadCedar(policy(deep(5_000)))).toMatchObject({ ok: false, error: { code } });
    expect(loadCedar(policy(deep(500)))).toMatchObject({ ok: true });
  });
});
