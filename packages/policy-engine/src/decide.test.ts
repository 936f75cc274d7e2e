import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import type { DecisionRequest, PolicyEngine } from "./contract.ts";
import { createSnapshot, entityUid, load, value } from "./index.ts";

function est(text: string) {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type !== "success") throw new Error(JSON.stringify(parts.errors));
  const staticPolicies = Object.fromEntries(
    parts.policies.map((policy, at) => {
      const read = cedar.policyToJson(policy);
      if (read.type !== "success") throw new Error(JSON.stringify(read.errors));
      return [`policy${at}`, read.json];
    }),
  );
  return { language: "4.5", staticPolicies };
}

function engine(sets: { guardrails?: string; access?: string; obligations?: string }): PolicyEngine {
  const { guardrails = "", access = "", obligations = "" } = sets;
  return unwrap(load({ guardrails: est(guardrails), access: est(access), obligations: est(obligations) }));
}

const ana = entityUid("User", "ana");
const copilot = entityUid("Agent", "copilot");
const customers = entityUid("Table", "shop/public.customers");
const entities = createSnapshot([
  { uid: ana, attrs: {}, parents: [entityUid("Group", "engineering")] },
  { uid: copilot, attrs: { onBehalfOf: value.entity(ana) }, parents: [entityUid("Group", "agents")] },
  { uid: entityUid("Schema", "shop/public"), attrs: {}, parents: [entityUid("Database", "shop")] },
  { uid: customers, attrs: {}, parents: [entityUid("Schema", "shop/public")] },
]);

function request(
  fields: Partial<DecisionRequest> = {},
  context: Parameters<typeof value.record>[0] = {},
): DecisionRequest {
  return {
    principal: ana,
    action: entityUid("Action", "sql.read.select"),
    resource: customers,
    context: value.record(context),
    entities,
    ...fields,
  };
}

const anyone = `@id("all") permit(principal, action, resource);`;
const asking = `@id("ask") @require_approval("change") forbid(principal, action in Action::"read", resource);`;

describe("the verdict", () => {
  test("denies when nothing permits", () => {
    expect(engine({}).decide(request())).toMatchObject({ kind: "deny", code: "no_permit", determining: [] });
  });

  test("allows through groups of principals, resources and actions", () => {
    const access = `@id("read") permit(principal in Group::"engineering", action in Action::"read", resource in Database::"shop");`;
    expect(engine({ access }).decide(request())).toMatchObject({ kind: "allow", determining: ["read"] });
    expect(engine({ access }).decide(request({ principal: copilot }))).toMatchObject({ kind: "deny" });
  });

  test("denies when a forbid cannot be evaluated", () => {
    const guardrails = `@id("doubt") forbid(principal, action, resource) when { context.missing == 1 };`;
    const verdict = engine({ guardrails, access: anyone }).decide(request());
    expect(verdict).toMatchObject({ kind: "deny", code: "policy_error", determining: ["doubt"] });
    expect(verdict.errors).toHaveLength(1);
  });

  test("denies when an obligation cannot be evaluated", () => {
    const obligations = `@id("limit") @limit_rows("5") permit(principal, action, resource) when { context.missing == 1 };`;
    expect(engine({ access: anyone, obligations }).decide(request())).toMatchObject({ code: "policy_error" });
  });

  test("asks when every determining forbid asks for approval and something permits", () => {
    const guardrails = `${asking} @id("ask2") @require_approval("legal, change") forbid(principal, action, resource);`;
    expect(engine({ guardrails, access: anyone }).decide(request())).toMatchObject({
      kind: "ask",
      workflows: ["change", "legal"],
      determining: ["ask", "ask2"],
    });
    expect(engine({ guardrails }).decide(request())).toMatchObject({ kind: "deny", code: "forbidden" });
  });

  test("denies when one of the determining forbids cannot be lifted", () => {
    const guardrails = `${asking} @id("never") @advice("Do not.") forbid(principal, action, resource);`;
    const verdict = engine({ guardrails, access: anyone }).decide(request());
    expect(verdict).toMatchObject({ kind: "deny", code: "forbidden", advice: "Do not." });
  });

  test("lifts a forbid only when all of its workflows have approved", () => {
    const guardrails = `@id("two") @require_approval("change, legal") forbid(principal, action, resource);`;
    const approval = (...workflows: string[]) => ({ approval: value.record({ workflows: value.set(workflows) }) });
    const { decide } = engine({ guardrails, access: anyone });
    expect(decide(request({}, approval("change")))).toMatchObject({ kind: "ask", workflows: ["change", "legal"] });
    expect(decide(request({}, approval("change", "legal")))).toMatchObject({ kind: "allow", determining: ["all"] });
  });

  test("decides for an agent and for its person, and keeps the stricter answer with both obligations", () => {
    const guardrails = `@id("ask-ana") @require_approval("change") forbid(principal == User::"ana", action, resource);`;
    const obligations = `
      @id("agents") @limit_rows("10") @mask("email:partial") permit(principal is Agent, action, resource);
      @id("people") @limit_rows("20") @mask("email:redact, card:null") @strict("true") permit(principal is User, action, resource);`;
    const verdict = engine({ guardrails, access: anyone, obligations }).decide(
      request({ principal: copilot, onBehalfOf: ana }),
    );
    expect(verdict).toMatchObject({ kind: "ask", workflows: ["change"], obligations: { rowsMax: 10, strict: true } });
    if (verdict.kind !== "ask") return;
    expect([...verdict.obligations.masks]).toEqual([
      ["email", "redact"],
      ["card", "null"],
    ]);
  });

  test("names policies in the order of the bundle, and the first advice, whichever way the index came by them", () => {
    const guardrails = `
      @id("e") forbid(principal, action, resource) when { context.level > 1 };
      @id("d") @advice("First.") forbid(principal == User::"ana", action, resource);
      @id("c") forbid(principal in Group::"engineering", action, resource in Database::"shop") when { context.name == "x" };
      @id("b") @advice("Second.") forbid(principal, action, resource) unless { context.flag };
      @id("a") forbid(principal, action, resource == Table::"shop/public.customers");`;
    const access = `
      @id("bad2") permit(principal, action, resource) when { context.none };
      @id("bad1") permit(principal == User::"ana", action, resource) when { context.none > 1 };
      @id("more") permit(principal, action, resource in Database::"shop");`;
    const { decide } = engine({ guardrails, access: `${access} ${anyone}` });
    const forbidden = request({}, { level: 2, name: "x", flag: false });
    const open = engine({ access: `${access} ${anyone}` });
    for (let time = 0; time < 20; time += 1) {
      const verdict = decide(forbidden);
      expect(verdict).toMatchObject({ determining: ["e", "d", "c", "b", "a"], advice: "First." });
      expect(verdict.errors.map(({ policyId }) => policyId)).toEqual(["bad2", "bad1"]);
      expect(open.decide(forbidden).determining).toEqual(["more", "all"]);
    }
  });

  test("denies an obligation that the path cannot carry out", () => {
    const obligations = `@id("rate") @limit_rate("5") permit(principal, action, resource);`;
    const { decide } = engine({ access: anyone, obligations });
    expect(decide(request({ understands: new Set(["mask"]) }))).toMatchObject({
      kind: "deny",
      code: "unknown_obligation",
      determining: ["rate"],
    });
    expect(decide(request({ understands: new Set(["limit_rate"]) }))).toMatchObject({ kind: "allow" });
  });

  test("refuses a request that was not made with the engine's own values", () => {
    const forged = { ...request(), context: "context" };
    expect(engine({ access: anyone }).decide(forged)).toMatchObject({ kind: "deny", code: "bad_request" });
  });
});

describe("loading", () => {
  const empty = { language: "4.5", staticPolicies: {} };
  const code = (sets: Partial<Record<"guardrails" | "access" | "obligations", unknown>>) => {
    const loaded = load({ guardrails: empty, access: empty, obligations: empty, ...sets });
    return loaded.ok ? "ok" : loaded.error.code;
  };

  test("refuses what it does not know, by name", () => {
    expect(code({ access: 1 })).toBe("policy.bad_est");
    expect(code({ access: { language: "9.9" } })).toBe("policy.unknown_version");
    expect(code({ access: { staticPolicies: {} } })).toBe("policy.unknown_version");
    expect(code({ access: est(`@color("red") permit(principal, action, resource);`) })).toBe(
      "policy.unknown_annotation",
    );
    expect(code({ obligations: est(`@limit_rows("many") permit(principal, action, resource);`) })).toBe(
      "policy.bad_annotation",
    );
    expect(code({ guardrails: est(anyone) })).toBe("policy.misplaced_effect");
    expect(code({ access: est(anyone + anyone) })).toBe("policy.duplicate_id");
  });

  test("refuses what is no three sets, and a policy of so many conditions that asking it would exhaust the stack", () => {
    for (const none of [null, undefined, 5, "x", []])
      expect(Reflect.apply(load, undefined, [none])).toMatchObject({ ok: false });
    const clause = { kind: "when", body: { Value: true } };
    const all = { op: "All" };
    const policy = (count: number) => ({
      effect: "permit",
      principal: all,
      action: all,
      resource: all,
      annotations: { id: "many" },
      conditions: Array.from({ length: count }, () => clause),
    });
    const access = (count: number) => ({ language: "4.5", staticPolicies: { many: policy(count) } });
    expect(code({ access: access(100_000) })).toBe("policy.bad_est");
    expect([code({ access: access(500) }), code({ access: access(501) })]).toEqual(["ok", "policy.bad_est"]);
  });
});

describe("explaining", () => {
  test("names the policies, the facts they read and what would have allowed it", () => {
    const access = `@id("read") permit(principal in Group::"privacy", action, resource) when { context.level > 3 };`;
    const guardrails = `@id("ask") @require_approval("change") forbid(principal, action, resource) when { context.level == 2 };`;
    const explanation = engine({ access, guardrails }).explain(request({}, { level: 4n }));
    expect(explanation.verdict.kind).toBe("deny");
    expect(explanation.policies).toEqual([
      {
        id: "ask",
        principal: 'User::"ana"',
        set: "guardrails",
        effect: "forbid",
        outcome: "not_satisfied",
        reads: ["context.level = 4"],
      },
    ]);
    expect(explanation.wouldAllow).toEqual(['principal in Group::"privacy" (policy "read")']);
  });
});

describe("questions", () => {
  test("whoCan lists the principals that would pass, agents together with their person", () => {
    const access = `@id("a") permit(principal in Group::"agents", action, resource); @id("e") permit(principal in Group::"engineering", action, resource);`;
    const who = engine({ access }).whoCan(request());
    expect(who).toMatchObject({ considered: 2, complete: true });
    expect(who.answers.map(({ principal }) => principal.id).sort()).toEqual(["ana", "copilot"]);
  });
});
