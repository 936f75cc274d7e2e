import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { explainDecision } from "./explain-decision.ts";
import { publishPolicies } from "./publish-policies.ts";
import { rollBackPolicies } from "./roll-back-policies.ts";

let org: TestOrg;
let scope: OrgScope;

beforeAll(async () => {
  org = await openTestOrg();
  const cy = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  scope = {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: cy.id, handle: "cy", name: cy.name, email: cy.email, role: "admin", groups: ["admins"] },
    data: org.data,
  };
});
afterAll(() => org[Symbol.asyncDispose]());

async function newest() {
  return org.data.tx((tx) => tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }));
}

const extra = '\n@id("cy-extra")\npermit (principal == User::"cy", action == Action::"sql.read.select", resource);\n';

async function publishExtra(note: string) {
  const { version, guardrails, access, obligations } = await newest();
  const sets = { guardrails, access: `${access}${extra.replace("cy-extra", note)}`, obligations };
  return publishPolicies(org.deps, scope, { sets, note, baseVersion: version });
}

test("publishing makes the next version, a ledger record and a bundle, and wakes whoever listens", async () => {
  const before = await newest();
  org.woken.length = 0;
  expect(await publishExtra("first")).toEqual({ ok: true, value: { version: before.version + 1 } });
  const { record, bundle } = await org.data.tx(async (tx) => ({
    record: await tx.record.findFirstOrThrow({ where: { kind: "change" }, orderBy: { seq: "desc" } }),
    bundle: await tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }),
  }));
  expect(record).toMatchObject({ actions: ["policy.publish"], principalId: "cy" });
  expect(bundle).toMatchObject({ policyVersion: before.version + 1, cause: "policy" });
  expect(org.woken).toContain(`sluice:org:${org.answer.orgId}`);
});

test("a text with an error is refused with its place, and nothing is stored", async () => {
  const { version, guardrails, obligations } = await newest();
  const sets = {
    guardrails,
    access: '@id("x")\npermit (principal, action, resource) when { context.nonsense };',
    obligations,
  };
  const refused = await publishPolicies(org.deps, scope, { sets, note: "", baseVersion: version });
  expect(refused).toMatchObject({ ok: false, error: { code: "request.invalid" } });
  expect(refused.ok ? "" : refused.error.public).toMatch(/^access, line \d+: /);
  expect((await newest()).version).toBe(version);
});

test("of two who publish at once over the same version only one succeeds", async () => {
  const outcomes = await Promise.all([publishExtra("left"), publishExtra("right")]);
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ error: { code: "request.conflict" } });
});

test("rolling back makes a higher version with the old content", async () => {
  const before = await newest();
  expect(await rollBackPolicies(org.deps, scope, { version: 1, note: "" })).toMatchObject({
    ok: true,
    value: { version: before.version + 1 },
  });
  const [first, last] = await org.data.tx(async (tx) => [
    await tx.policyVersion.findFirstOrThrow({ where: { version: 1 } }),
    await tx.policyVersion.findFirstOrThrow({ where: { version: before.version + 1 } }),
  ]);
  expect(last).toMatchObject({ access: first?.access, note: "Back to version 1" });
});

test("the engine explains who must approve a change of production, and that an agent is never wider than its person", async () => {
  const question = (type: "User" | "Agent", handle: string, action: string) =>
    explainDecision(org.deps, scope, {
      principal: { type, handle },
      action,
      resource: { type: "Table", id: "shop/public.customers" },
      assume: {
        unbounded: false,
        opaque: false,
        multiStatement: false,
        inTransaction: false,
        classesRead: [],
        approvedWorkflows: [],
      },
    });
  expect(await question("User", "ana", "sql.write.update")).toMatchObject({
    ok: true,
    value: { verdict: "ask", workflows: ["production-change"] },
  });
  expect(await question("Agent", "copilot", "sql.write.update")).toMatchObject({
    ok: true,
    value: { verdict: "deny", onBehalfOf: "ana" },
  });
  expect(await question("Agent", "copilot", "sql.read.select")).toMatchObject({
    ok: true,
    value: { verdict: "allow" },
  });
});
