import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { actorOf } from "../../../server/auth/sessions.ts";
import { type ForeignIds, fillOrg } from "../../../server/foreign-ids.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { getApproval } from "./get-approval.ts";
import { listApprovals } from "./list-approvals.ts";
import { submitDecision } from "./submit-decision.ts";

let org: TestOrg;
let held: ForeignIds;

beforeAll(async () => {
  org = await openTestOrg();
  held = await fillOrg(org);
});
afterAll(() => org[Symbol.asyncDispose]());

async function as(handle: string): Promise<OrgScope> {
  const include = { memberships: { include: { group: true } } };
  const row = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle }, include }));
  const actor = actorOf(row);
  if (!actor) throw new Error(`${handle} may not act`);
  const { orgId: id } = org.answer;
  return { org: { id, slug: org.slug, name: "Acme", origin: "http://localhost" }, actor, data: org.data };
}

const view = (name: "waiting" | "mine" | "decided") => ({ view: name, limit: 50, cursor: undefined });
const decision = (approved: boolean) => ({
  id: held.approvalId,
  approved,
  digest: held.digest,
  reason: "looked at it",
});

test("an approver sees what waits with what they must know, and that they may decide", async () => {
  const bo = await as("bo");
  expect(await listApprovals(org.deps, bo, view("waiting"))).toMatchObject({
    ok: true,
    value: { items: [{ id: held.approvalId, mayDecide: true, requester: { handle: "ana" } }], nextCursor: null },
  });
  expect(await getApproval(org.deps, bo, { id: held.approvalId })).toMatchObject({
    ok: true,
    value: { digest: held.digest, steps: [{ workflow: "production-change", group: "approvers", approvedBy: [] }] },
  });
});

test("who asked sees it under theirs and is told why they may not decide", async () => {
  const ana = await as("ana");
  expect(await listApprovals(org.deps, ana, view("mine"))).toMatchObject({
    value: { items: [{ id: held.approvalId, mayDecide: false, whyNot: expect.stringContaining("yourself") }] },
  });
  expect(await submitDecision(org.deps, ana, decision(true))).toMatchObject({
    ok: false,
    error: { code: "approval.own" },
  });
});

test("a colleague who neither asked nor approves does not see it at all", async () => {
  const colleague = await as(held.onlyTheirs);
  expect(await listApprovals(org.deps, colleague, view("waiting"))).toMatchObject({ value: { items: [] } });
  const refused = { ok: false, error: { code: "request.not_found" } };
  expect(await getApproval(org.deps, colleague, { id: held.approvalId })).toMatchObject(refused);
  expect(await submitDecision(org.deps, colleague, decision(true))).toMatchObject(refused);
});

test("an admin sees it but is no approver for being one", async () => {
  expect(await submitDecision(org.deps, await as("cy"), decision(true))).toMatchObject({
    ok: false,
    error: { code: "approval.not_approver" },
  });
});

test("a yes to something else than what was shown does not count", async () => {
  const other = { ...decision(true), digest: "0".repeat(64) };
  expect(await submitDecision(org.deps, await as("bo"), other)).toMatchObject({
    ok: false,
    error: { code: "approval.digest_mismatch" },
  });
});

test("the approver's yes ends the wait, shows who said it, and is a record of the ledger", async () => {
  const bo = await as("bo");
  expect(await submitDecision(org.deps, bo, decision(true))).toMatchObject({
    ok: true,
    value: { status: "approved", decisions: [{ by: { handle: "bo" }, approved: true, reason: "looked at it" }] },
  });
  expect(await listApprovals(org.deps, bo, view("waiting"))).toMatchObject({ value: { items: [] } });
  expect(await listApprovals(org.deps, bo, view("decided"))).toMatchObject({
    value: { items: [{ id: held.approvalId }] },
  });
  const record = await org.data.tx((tx) =>
    tx.record.findFirstOrThrow({ where: { kind: "change" }, orderBy: { seq: "desc" } }),
  );
  expect(record).toMatchObject({ actions: ["approval.approve"], principalId: "bo" });
});
