import { candidateDigest } from "@sluice/bundle/build";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../../provision/test-org.ts";
import { roleSchema } from "../../../../server/auth/permissions.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { storeExchanges } from "../impact/records.fixture.ts";
import { publishPolicies } from "../publish-policies.ts";
import { rollBackPolicies } from "../roll-back-policies.ts";
import { setPublishRule } from "../rule/publish-rule-setting.ts";
import { decideRequest, withdrawRequest } from "./decide-request.ts";
import { expireRequests } from "./expire-requests.ts";
import { openRequest } from "./open-request.ts";

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
let org: TestOrg;
let cy: OrgScope;
let bo: OrgScope;

beforeEach(async () => {
  org = await openTestOrg();
  // everybody joined before
  org.deps.clock.advance(MINUTE_MS);
  cy = await scopeOf("cy");
  bo = await scopeOf("bo");
  await storeExchanges(org, 12, {});
  await setPublishRule(org.deps, cy, { flipsMax: 5 });
});
afterEach(() => org[Symbol.asyncDispose]());

async function scopeOf(handle: string): Promise<OrgScope> {
  const member = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle } }));
  const role = roleSchema.parse(member.role);
  return {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: member.id, handle, name: member.name, email: member.email, role, groups: [] },
    data: org.data,
  };
}

async function newest() {
  return org.data.tx((tx) => tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }));
}

/** The version in force with one more guardrail. */
async function candidate(id: string, rule: string) {
  const { version, guardrails, access, obligations } = await newest();
  return {
    sets: {
      guardrails: `${guardrails}\n@id("${id}")\nforbid (principal, action, resource) ${rule};\n`,
      access,
      obligations,
    },
    // what these flip the starter tests forbid; how tests are gated is gate-tests' matter
    tests: {},
    note: id,
    baseVersion: version,
  };
}
const everything = (id = "nothing-at-all") => candidate(id, 'when { context.client.application != "none" }');
/** Flips those of the twelve exchanges whose column is one of these. */
const some = (id: string, ...columns: number[]) =>
  candidate(
    id,
    `when { context has sql && context.sql.columnsRead.containsAny([${columns.map((at) => `"c${at}"`)}]) }`,
  );

async function asked(wanted: Awaited<ReturnType<typeof everything>>) {
  const opened = await openRequest(org.deps, cy, wanted);
  if (!opened.ok) throw new Error(opened.error.public);
  const { digest, id } = opened.value;
  return { digest, id };
}
const yes = { approved: true, reason: "" };

describe("publishing", () => {
  test("what flips little is published by one person, and the version keeps what was known of its effect", async () => {
    const wanted = await some("little", 1, 2, 3);
    expect(await publishPolicies(org.deps, cy, wanted)).toMatchObject({ ok: true });
    const { impactId, approvedById } = await newest();
    expect(approvedById).toBeNull();
    const impact = await org.data.tx((tx) => tx.policyImpact.findUniqueOrThrow({ where: { id: impactId ?? "" } }));
    expect(impact).toMatchObject({ flips: 3, status: "done", span: "week" });
  });

  test("what flips more is refused without a second person, by every way of publishing, though nobody previewed it", async () => {
    const before = (await newest()).version;
    const refused = { ok: false, error: { code: "policy.needs_second_person" } };
    expect(await publishPolicies(org.deps, cy, await everything())).toMatchObject(refused);
    const { digest, id } = await asked(await everything());
    expect(await decideRequest(org.deps, bo, { id, digest, ...yes })).toMatchObject({ ok: true });
    // what had been forbidden is back
    expect(await rollBackPolicies(org.deps, cy, { version: before, note: "" })).toMatchObject(refused);
    expect((await newest()).version).toBe(before + 1);
  });

  test("many small steps count as the large one that they are, until a day has passed", async () => {
    expect(await publishPolicies(org.deps, cy, await some("first", 1, 2, 3, 4))).toMatchObject({ ok: true });
    const second = await some("second", 5, 6, 7, 8);
    expect(await publishPolicies(org.deps, cy, second)).toMatchObject({
      ok: false,
      error: { public: expect.stringContaining("together with what was published in the last day") },
    });
    org.deps.clock.advance(DAY_MS + MINUTE_MS);
    expect(await publishPolicies(org.deps, cy, second)).toMatchObject({ ok: true });
  });

  test("raising the number does not help whoever wants to publish now", async () => {
    await setPublishRule(org.deps, cy, { flipsMax: 1_000 });
    expect(await publishPolicies(org.deps, cy, await everything())).toMatchObject({ ok: false });
    org.deps.clock.advance(DAY_MS);
    expect(await publishPolicies(org.deps, cy, await everything())).toMatchObject({ ok: true });
  });

  test("records that do not hold enough to be replayed are doubt, and doubt needs a second person", async () => {
    await storeExchanges(org, 20, { without: "given" });
    expect(await publishPolicies(org.deps, cy, await some("harmless", 99))).toMatchObject({
      ok: false,
      error: { code: "policy.needs_second_person" },
    });
  });
});

describe("a publish request", () => {
  test("is approved by somebody else and publishes exactly what was asked, once", async () => {
    const wanted = await everything();
    const { digest, id } = await asked(wanted);
    const decided = await decideRequest(org.deps, bo, { id, digest, approved: true, reason: "seen" });
    expect(decided).toMatchObject({ ok: true, value: { status: "approved", version: wanted.baseVersion + 1 } });
    const version = await newest();
    expect(version).toMatchObject({ guardrails: wanted.sets.guardrails, authorId: cy.actor.memberId });
    expect(version.approvedById).toBe(bo.actor.memberId);
    const again = await decideRequest(org.deps, bo, { id, digest, ...yes });
    expect(again).toMatchObject({ ok: false, error: { code: "approval.closed" } });
    const changes = await org.data.tx((tx) =>
      tx.record.findMany({
        where: { kind: "change" },
        orderBy: { seq: "desc" },
        take: 3,
        select: { actions: true, principalId: true },
      }),
    );
    expect(changes.map(({ actions, principalId }) => [actions[0], principalId])).toEqual([
      ["publish_request.approve", "bo"],
      ["policy.publish", "bo"],
      ["publish_request.create", "cy"],
    ]);
  });

  test("is never decided by whoever asked, nor by who asked for the same text before", async () => {
    const wanted = await everything();
    const { digest, id } = await asked(wanted);
    const own = { ok: false, error: { code: "approval.own" } };
    expect(await decideRequest(org.deps, cy, { id, digest, ...yes })).toMatchObject(own);
    await withdrawRequest(org.deps, cy, { id });
    const admin = { ...bo, actor: { ...bo.actor, role: "admin" as const } };
    await org.data.tx((tx) => tx.member.update({ where: { id: bo.actor.memberId }, data: { role: "admin" } }));
    const opened = await openRequest(org.deps, admin, wanted);
    if (!opened.ok) throw new Error(opened.error.public);
    expect(await decideRequest(org.deps, cy, { id: opened.value.id, digest, ...yes })).toMatchObject(own);
    expect((await newest()).version).toBe(wanted.baseVersion);
  });

  test("is never decided by who wrote the draft that somebody else asks to publish", async () => {
    const wanted = await everything();
    const { digest, id } = await asked(wanted);
    const { orgId } = org.answer;
    const draft = { number: 1_000, baseVersion: wanted.baseVersion, note: "", digest, tests: "{}" };
    await org.data.tx((tx) =>
      tx.policyDraft.create({ data: { orgId, ...draft, ...wanted.sets, authorId: bo.actor.memberId } }),
    );
    const decided = await decideRequest(org.deps, bo, { id, digest, ...yes });
    expect(decided).toMatchObject({ ok: false, error: { code: "approval.own" } });
  });

  test("the database itself refuses that somebody decides for themselves, or reopens what was decided", async () => {
    const { digest, id } = await asked(await everything());
    const decide = (data: object) => org.data.tx((tx) => tx.publishRequest.updateMany({ where: { id }, data }));
    const self = { status: "approved", decidedById: cy.actor.memberId, version: 9, decidedAt: new Date() };
    await expect(decide(self)).rejects.toThrow(/second_person/);
    await decideRequest(org.deps, bo, { id, digest, approved: false, reason: "no" });
    expect(await decide({ status: "waiting", decidedAt: null })).toEqual({ count: 0 });
  });

  test("fits no other text than was shown", async () => {
    const { id } = await asked(await everything());
    const other = candidateDigest((await everything("another")).sets);
    const decided = await decideRequest(org.deps, bo, { id, digest: other, ...yes });
    expect(decided).toMatchObject({ ok: false, error: { code: "approval.digest_mismatch" } });
  });

  test("ends when another version is published, so that nobody approves a change of something else", async () => {
    const { digest, id } = await asked(await everything());
    expect(await publishPolicies(org.deps, cy, await some("between", 1))).toMatchObject({ ok: true });
    expect(await decideRequest(org.deps, bo, { id, digest, ...yes })).toMatchObject({
      ok: false,
      error: { code: "approval.closed" },
    });
  });

  test("expires, with a record of it, and is worth nothing even before the clock has been noticed", async () => {
    const { digest, id } = await asked(await everything());
    org.deps.clock.advance(DAY_MS + 1);
    expect(await decideRequest(org.deps, bo, { id, digest, ...yes })).toMatchObject({
      ok: false,
      error: { code: "approval.expired" },
    });
    expect(await expireRequests(org.deps, org.data)).toBe(1);
    expect(await expireRequests(org.deps, org.data)).toBe(0);
  });

  test("is worth nothing once whoever asked may not publish any more, nor to somebody who joined later", async () => {
    const { digest, id } = await asked(await everything());
    const { orgId } = org.answer;
    const late = { handle: "late", email: "late@acme.test", name: "Late", role: "approver" };
    await org.data.tx((tx) =>
      tx.member.create({ data: { orgId, ...late, createdAt: new Date(org.deps.clock.now() + 1) } }),
    );
    expect(await decideRequest(org.deps, await scopeOf("late"), { id, digest, ...yes })).toMatchObject({
      ok: false,
      error: { code: "approval.not_approver" },
    });
    await org.data.tx((tx) => tx.member.update({ where: { id: cy.actor.memberId }, data: { role: "engineer" } }));
    expect(await decideRequest(org.deps, bo, { id, digest, ...yes })).toMatchObject({
      ok: false,
      error: { code: "request.forbidden" },
    });
  });

  test("of two who decide at the same moment one is heard, and one version is made", async () => {
    const { digest, id } = await asked(await everything());
    await org.data.tx((tx) => tx.member.updateMany({ where: { handle: "ana" }, data: { role: "editor" } }));
    const ana = await scopeOf("ana");
    const before = (await newest()).version;
    const outcomes = await Promise.all([bo, ana].map((who) => decideRequest(org.deps, who, { id, digest, ...yes })));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await newest()).version).toBe(before + 1);
  });
});
