import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, test } from "vitest";
import { compileSet } from "../compile/policy.ts";
import { conjunctionOf, conjunctsOf, isFixed, isTotal } from "./conjuncts.ts";

function conjunctsIn(condition: string) {
  const read = cedar.policyToJson(`permit (principal, action, resource) when { ${condition} };`);
  if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
  const [policy] = compileSet({ staticPolicies: { p: read.json } }, "access", "ignore");
  return [...conjunctsOf(policy?.condition)];
}

describe("what principal, action and resource alone tell", () => {
  test.each([
    "true",
    "principal == resource",
    'action == Action::"read"',
    "!(principal == resource)",
    "(principal == resource || principal is User)",
    "principal.level > 2",
    'principal.name like "a*"',
    "principal has level",
    "resource is Doc",
    'resource is Doc in Folder::"f"',
    "resource is Doc in principal",
    "resource is Doc in principal.folder",
    'principal in Group::"g"',
    "principal in resource.team",
    'resource.hasTag("t")',
    'resource.getTag("t") == "x"',
    'resource.getTag("t") < 5',
    "principal.level == resource.level",
    'resource.classes.contains("email")',
  ])("%s", (condition) => {
    expect(conjunctsIn(condition).map(isFixed)).toEqual([true]);
  });

  // these look at the context or at a fourth entity, which another request may have otherwise
  test.each([
    "context.a",
    "context == context",
    "!context.a",
    "(principal == resource || context.a)",
    "(context.a || principal == resource)",
    "principal.level > context.level",
    "context.level < principal.level",
    'context.name like "a*"',
    "context has level",
    "principal has rec.level",
    "resource.owner has level",
    "context.owner is User",
    "resource.owner is User",
    'resource.owner is User in Group::"g"',
    "resource is Doc in context.folder",
    "context is Doc",
    'context.owner in Group::"g"',
    'resource.owner in Group::"g"',
    "principal in context.group",
    'context.owner.hasTag("t")',
    'resource.owner.hasTag("t")',
    'resource.owner.getTag("t") == "x"',
    'resource.getTag(context.tag) == "x"',
    "resource.hasTag(context.tag)",
    "resource.owner.level == 3",
    "if context.a then true else false",
    "-principal.level == 3",
    "principal.set.isEmpty()",
    "[principal.level] == [1]",
    "{a: principal.level} == {a: 1}",
    'ip(principal.ip) == ip("10.0.0.1")',
  ])("not %s", (condition) => {
    expect(conjunctsIn(condition).map(isFixed)).toEqual([false]);
  });
});

describe("what cannot fail", () => {
  test.each([
    "true && true",
    "principal has a",
    "principal is User",
    'principal in [Group::"a"]',
    'action.hasTag("t")',
  ])("%s", (condition) => {
    expect(conjunctsIn(condition).every(isTotal)).toBe(true);
  });

  test.each(["1 == 1 && 1", 'principal like "a"', "principal has a.b", "principal.a is User", "principal in 1"])(
    "not %s",
    (condition) => {
      expect(conjunctsIn(condition).every(isTotal)).toBe(false);
    },
  );
});

test("a condition is the conjunction of its conjuncts, in order", () => {
  const conjuncts = conjunctsIn("context.a && (context.b && !(context.c || context.d)) && !!context.e");
  expect(conjuncts.map(({ op }) => op)).toEqual(["attribute", "attribute", "not", "not", "attribute"]);
  expect([...conjunctsOf(conjunctionOf(conjuncts))]).toEqual(conjuncts);
  expect(conjunctionOf([])).toBeUndefined();
});
