import { newId, unwrap } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest } from "@sluice/ledger";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { decideApproval } from "./decide-approval.ts";
import { expireApprovals } from "./end-approval.ts";
import { openApproval } from "./open-approval.ts";

let org: TestOrg;
let other: TestOrg;
beforeAll(async () => {
  org = await openTestOrg();
  other = await openTestOrg();
});
afterAll(async () => {
  await org?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
});
let approvalId: string;
let digest: string;
beforeEach(async () => {
  ({ approvalId, digest } = await asked([{ type: "User", id: "ana", name: "Ana" }]));
});

async function asked(principals: ApprovalSubject["principals"]) {
  const { orgId, siteId } = org.answer;
  return org.data.tx(async (tx) => {
    const enforcer = await tx.enforcer.findFirstOrThrow();
    const shop = await tx.resource.findFirstOrThrow();
    const subject: ApprovalSubject = {
      resource: { id: shop.id, name: shop.name },
      principals,
      statement: "UPDATE customers SET city = 'Lyon' WHERE id = 1",
      parameters: [],
      actions: [{ action: "sql.write.update", resource: "shop/public.customers" }],
      sessionId: newId(),
      bundleVersion: 1,
    };
    const ask = {
      approvalId: newId(),
      exchangeId: newId(),
      digest: approvalDigest(subject),
      workflows: ["production-change"],
      subjectJson: Buffer.from(JSON.stringify(subject)),
      expiresAtMs: org.deps.clock.now() + 60_000,
    };
    unwrap(await openApproval(tx, { orgId, siteId, enforcerId: enforcer.id }, ask, org.deps.clock.now()));
    return { approvalId: ask.approvalId, digest: ask.digest };
  });
}
const decide = async (handle: string, fields: { approved?: boolean; digest?: string; approvalId?: string } = {}) => {
  const memberId = org.answer.people[handle]?.id ?? "";
  const decision = { approvalId, digest, approved: true, reason: "because", ...fields };
  const result = await decideApproval(org.deps, org.data, { memberId, handle, name: handle }, decision);
  return result.ok ? result.value.status : result.error.code;
};
const join = (handle: string, group: string) =>
  org.data.tx(async (tx) => {
    const { id: groupId } = await tx.principalGroup.findFirstOrThrow({ where: { name: group } });
    const memberId = org.answer.people[handle]?.id ?? "";
    const data = [{ orgId: org.answer.orgId, groupId, memberId }];
    await tx.groupMember.createMany({ data, skipDuplicates: true });
  });

describe("deciding", () => {
  test("is for members of the workflow's group, never for whoever asked, whatever their role and groups", async () => {
    await join("ana", "approvers");
    expect(await decide("ana")).toBe("approval.own");
    expect(await decide("cy")).toBe("approval.not_approver");
    expect(await decide("bo")).toBe("approved");
    expect(await decide("bo", { approved: false })).toBe("approval.closed");
  });

  test("is not for the person for whom an agent asked", async () => {
    const agents = await asked([
      { type: "Agent", id: "copilot", name: "Copilot" },
      { type: "User", id: "ana", name: "Ana" },
    ]);
    await join("ana", "approvers");
    expect(await decide("ana", agents)).toBe("approval.own");
    expect(await decide("bo", agents)).toBe("approved");
  });

  test("is bound to what was shown", async () => {
    expect(await decide("bo", { digest: "f".repeat(64) })).toBe("approval.digest_mismatch");
  });

  test("of two at once counts one: the other hears that it is closed", async () => {
    await join("cy", "approvers");
    const both = await Promise.all([decide("bo", { approved: false }), decide("cy", { approved: false })]);
    expect(both.sort()).toEqual(["approval.closed", "refused"]);
  });

  test("is over when the time is, and the job that ends it leaves nothing waiting", async () => {
    org.deps.clock.advance(60_000);
    expect(await decide("bo")).toBe("approval.expired");
    expect(await org.data.tx((tx) => expireApprovals(tx, org.deps.clock.now()))).toBeGreaterThanOrEqual(1);
    expect(await decide("bo")).toBe("approval.closed");
  });

  test("finds nothing from another org", async () => {
    const bo = { memberId: other.answer.people["bo"]?.id ?? "", handle: "bo", name: "Bo" };
    const decision = { approvalId, digest, approved: true, reason: "" };
    const result = await decideApproval(other.deps, other.data, bo, decision);
    expect(result).toMatchObject({ ok: false, error: { code: "request.not_found" } });
  });

  test("leaves a record in the ledger and wakes the enforcer's stream", async () => {
    org.woken.length = 0;
    await decide("bo");
    const [last] = await org.data.tx((tx) =>
      tx.record.findMany({ where: { kind: "change" }, orderBy: { seq: "desc" }, take: 1 }),
    );
    expect(last).toMatchObject({ principalId: "bo", actions: ["approval.approve"] });
    expect(org.woken).toContain(`sluice:org:${org.answer.orgId}`);
  });

  test("is not for a locked member", async () => {
    const where = { id: org.answer.people["bo"]?.id ?? "" };
    await org.data.tx((tx) => tx.member.update({ where, data: { lockedAt: new Date() } }));
    expect(await decide("bo")).toBe("approval.not_approver");
    await org.data.tx((tx) => tx.member.update({ where, data: { lockedAt: null } }));
  });
});
