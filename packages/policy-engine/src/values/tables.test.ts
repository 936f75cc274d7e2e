import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import { createSnapshot, entityUid, loadCedar, value } from "../index.ts";
import { type TableAnswer, tables } from "./tables.fixture.ts";

const name = { type: "User", id: "u" };
const entities = createSnapshot([], { actions: [] });

function official(expression: string): TableAnswer {
  const answer = cedar.isAuthorized({
    principal: name,
    action: { type: "Action", id: "a" },
    resource: name,
    context: {},
    policies: { staticPolicies: { p: `permit (principal, action, resource) when { ${expression} };` } },
    entities: [],
  });
  if (answer.type === "failure") throw new Error(JSON.stringify(answer.errors));
  return answer.response.diagnostics.errors.length > 0 ? "error" : answer.response.decision === "allow";
}

function ours(expression: string): TableAnswer {
  const read = cedar.policyToJson(`permit (principal, action, resource) when { ${expression} };`);
  if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
  const uid = entityUid("User", "u");
  const answer = unwrap(loadCedar({ staticPolicies: { p: read.json } })).authorize({
    principal: uid,
    action: entityUid("Action", "a"),
    resource: uid,
    context: value.record({}),
    entities,
  });
  return answer.errors.length > 0 ? "error" : answer.decision === "allow";
}

describe.each(tables)("$title", ({ rows }) => {
  test.each(rows)("%s is %s", (expression, expected) => {
    expect(official(expression), "official engine").toBe(expected);
    expect(ours(expression), "our engine").toBe(expected);
  });
});
