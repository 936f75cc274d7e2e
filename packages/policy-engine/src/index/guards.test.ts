import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, test } from "vitest";
import { type CompiledPolicy, compileSet } from "../compile/policy.ts";
import { value } from "../values/construct.ts";
import { describeGuard, describeNarrowing } from "./describe.fixture.ts";
import { guardRows, narrowingRows, passingRows } from "./guards.fixture.ts";
import { passes } from "./guards.ts";
import { indexScope } from "./narrow.ts";
import { questionOf } from "./question.ts";

function policyWith(condition: string, principal = "principal"): CompiledPolicy {
  const read = cedar.policyToJson(`permit (${principal}, action, resource) when { ${condition} };`);
  if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
  const [policy] = compileSet({ staticPolicies: { p: read.json } }, "access", "ignore");
  if (policy === undefined) throw new Error("no policy");
  return policy;
}

describe("the guard of a condition", () => {
  test.each(guardRows)("%s gives %s", (condition, expected) => {
    expect(describeGuard(questionOf(policyWith(condition)).guard)).toBe(expected);
  });

  test.each(passingRows)("%s with %j passes: %s", (condition, value, expected) => {
    const { guard } = questionOf(policyWith(condition));
    expect(guard && passes(guard.test, value)).toBe(expected);
  });
});

test.each([
  ["10.0.0.0", true],
  ["10.255.255.255", true],
  ["10.0.0.0/8", true],
  ["10.7.0.0/16", true],
  ["9.255.255.255", false],
  ["11.0.0.0", false],
  ["10.0.0.0/7", false],
  ["::1", false],
])("an address guard for 10.0.0.0/8 and %s: %s", (address, expected) => {
  const { guard } = questionOf(policyWith('context.a.isInRange(ip("10.0.0.0/8"))'));
  expect(guard && passes(guard.test, value.ip(address))).toBe(expected);
});

describe("the scope that the index uses", () => {
  test.each(narrowingRows)("%s narrows the principal to %s", (condition, expected) => {
    expect(describeNarrowing(indexScope(policyWith(condition)).principal)).toBe(expected);
  });

  test("keeps what the scope itself says", () => {
    const typed = policyWith('principal in Group::"g"', "principal is User");
    expect(indexScope(typed).principal).toEqual({ kind: "typed", type: "User", within: undefined });
  });
});
