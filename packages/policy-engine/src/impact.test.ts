import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { expect, test } from "vitest";
import { createSnapshot, type DecisionRequest, entityUid, impactOf, load, value } from "./index.ts";

function engine(access: readonly string[], guardrails: readonly string[] = [], obligations: readonly string[] = []) {
  const set = (texts: readonly string[]) => ({
    language: "4.5",
    staticPolicies: Object.fromEntries(
      texts.map((text, at) => {
        const read = cedar.policyToJson(text);
        if (read.type === "failure") throw new Error(JSON.stringify(read.errors));
        return [`p${at}`, read.json];
      }),
    ),
  });
  return unwrap(load({ guardrails: set(guardrails), access: set(access), obligations: set(obligations) }));
}

const entities = createSnapshot([]);
function ask(who: string, action = "sql.read.select"): DecisionRequest {
  return {
    principal: entityUid("User", who),
    action: entityUid("Action", action),
    resource: entityUid("Table", "t"),
    context: value.record({}),
    entities,
  };
}
const permit = (id: string, who: string) => `@id("${id}") permit (principal == User::"${who}", action, resource);`;

test("a shadow answers as the engine in force does, and tells what the other would have said", () => {
  const current = engine([permit("ana", "ana")]);
  const both = current.shadow(engine([permit("bo", "bo")]));
  expect(both.decide(ask("ana"))).toMatchObject({
    verdict: { kind: "allow", determining: ["ana"] },
    other: { kind: "deny" },
    flip: "allowed_to_refused",
  });
  expect(both.decide(ask("bo"))).toMatchObject({ verdict: { kind: "deny" }, flip: "refused_to_allowed" });
  expect(both.decide(ask("eve"))).toMatchObject({ verdict: { kind: "deny" }, flip: undefined });
});

test("says what flips, grouped by kind, policy, principal and resource, and how much could be replayed", () => {
  const current = engine([permit("ana", "ana"), permit("bo", "bo"), permit("cy", "cy")]);
  const candidate = engine(
    [permit("ana", "ana"), permit("bo", "bo"), permit("dee", "dee")],
    ['@id("change") @require_approval("change") forbid (principal == User::"bo", action, resource);'],
    ['@id("few") @limit_rows("5") permit (principal == User::"ana", action in Action::"read", resource);'],
  );
  const records = [
    { id: "1", request: ask("ana") },
    { id: "2", request: ask("bo") },
    { id: "3", request: ask("cy") },
    { id: "4", request: ask("dee") },
    { id: "5", request: ask("dee", "unmask") },
    { id: "6", request: ask("eve") },
    { id: "7", request: undefined },
    { id: "8", request: ask("ana", "sql.write.update") },
  ];
  const impact = impactOf({ current, candidate }, records);
  expect(impact).toMatchObject({ records: 8, replayed: 7, flips: 5 });
  expect(Object.fromEntries(impact.byKind)).toEqual({
    terms: 1,
    allowed_to_asked: 1,
    allowed_to_refused: 1,
    refused_to_allowed: 1,
    masked_to_clear: 1,
  });
  expect(impact.byPolicy.get("dee")).toBe(2);
  expect(impact.byPolicy.get("cy")).toBe(1);
  expect(impact.byPrincipal.get('User::"dee"')).toBe(2);
  expect(impact.examples.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5"]);
});
