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
    [
      "a link without a name that has all its values",
      { ...policies, templateLinks: [{ ...policies.templateLinks[0], newId: undefined }] },
    ],
    [
      "a link without a template that has a name and all its values",
      { ...policies, templateLinks: [{ ...policies.templateLinks[0], templateId: undefined }] },
    ],
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

  test.each([
    ["unary operators", (inside: unknown) => ({ "!": { arg: inside } })],
    ["the left of operators", (inside: unknown) => ({ "==": { left: inside, right: { Value: 1 } } })],
    ["the right of operators", (inside: unknown) => ({ "+": { left: { Value: 1 }, right: inside } })],
    ["arguments", (inside: unknown) => ({ isInRange: [{ Var: "context" }, inside] })],
    ["members of sets", (inside: unknown) => ({ Set: [inside] })],
    ["fields of records", (inside: unknown) => ({ Record: { a: inside } })],
  ])("counts the depth of %s: 600 are read, 601 are refused", (_, wrap) => {
    const nested = (levels: number) => {
      let body: unknown = { Var: "context" };
      for (let level = 0; level < levels; level += 1) body = wrap(body);
      return loadCedar(policy(body)).ok;
    };
    expect([nested(600), nested(601)]).toEqual([true, false]);
  });
});

describe("evaluating", () => {
  const ask = (condition: string, fields: Parameters<typeof value.record>[0]) => {
    const read = cedar.policyToJson(`permit (principal, action, resource) when { ${condition} };`);
    if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
    const principal = entityUid("User", "ana");
    const { decision, errors } = unwrap(loadCedar({ staticPolicies: { p: read.json } })).authorize({
      principal,
      action: entityUid("Action", "a"),
      resource: principal,
      context: value.record(fields),
      entities: createSnapshot([]),
    });
    return errors[0]?.message ?? decision;
  };

  test("takes an attribute called context for what it is", () => {
    const fields = { a: value.record({ b: 2 }), b: 2 };
    expect(ask("{context: {a: {b: 1}}}.context.a.b == 1", fields)).toBe("allow");
    expect(ask("{context: {b: 1}}.context.b == 1", fields)).toBe("allow");
    expect(ask("context.a.b == 2 && context.b == 2", fields)).toBe("allow");
  });

  test.each([
    ["context.n", "type error: expected bool, got long"],
    ["context.s < 1", "type error: expected long, datetime or duration, got string"],
    ["1 < context.s", "type error: expected long, got string"],
    ['datetime("2026-01-01") < context.s', "type error: expected datetime, got string"],
    ['duration("1h") < context.s', "type error: expected duration, got string"],
    ["context.missing == 1", "context does not have the attribute missing"],
    ["context.r.missing == 1", "context.r does not have the attribute missing"],
    ["context.s.missing == 1", "type error: expected record or entity, got string"],
    ["principal.name == 1", 'entity User::"ana" does not exist'],
    ['principal.getTag("t") == 1', 'entity User::"ana" does not exist'],
    ["context.b + 1 == 1", "type error: expected long, got bool"],
    ["context.e + 1 == 1", "type error: expected long, got entity of type Group"],
    ["context.set + 1 == 1", "type error: expected long, got set"],
    ["context.r + 1 == 1", "type error: expected long, got record"],
    ["context.ip + 1 == 1", "type error: expected long, got ipaddr"],
    ["context.big + context.n == 1", "integer overflow while evaluating 9223372036854775807 + 1"],
  ])("says of %s what is wrong", (condition, message) => {
    const fields = {
      n: 1,
      big: 2n ** 63n - 1n,
      s: "text",
      b: true,
      e: entityUid("Group", "g"),
      set: value.set([]),
      r: value.record({}),
      ip: value.ip("::1"),
    };
    expect(ask(condition, fields)).toContain(message);
  });
});
