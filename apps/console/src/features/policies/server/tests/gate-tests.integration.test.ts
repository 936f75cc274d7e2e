import { writeTestFiles } from "@sluice/bundle/build";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../../provision/test-org.ts";
import { roleSchema } from "../../../../server/auth/permissions.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { publishDraft } from "../drafts/publish-draft.ts";
import { saveDraft } from "../drafts/save-draft.ts";
import { storeExchanges } from "../impact/records.fixture.ts";
import { publishPolicies } from "../publish-policies.ts";
import { decideRequest } from "../requests/decide-request.ts";
import { openRequest } from "../requests/open-request.ts";
import { showRequest } from "../requests/read-requests.ts";
import { rollBackPolicies } from "../roll-back-policies.ts";
import { setPublishRule } from "../rule/publish-rule-setting.ts";
import { parseTests } from "./stored-tests.ts";
import { testPolicies } from "./test-policies.ts";

let org: TestOrg;
let cy: OrgScope;
/** may write policies, and not override their tests */
let ana: OrgScope;

beforeEach(async () => {
  org = await openTestOrg();
  org.deps.clock.advance(60_000);
  await org.data.tx((tx) => tx.member.updateMany({ where: { handle: "ana" }, data: { role: "editor" } }));
  cy = await scopeOf("cy");
  ana = await scopeOf("ana");
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

async function lastChange() {
  const record = await org.data.tx((tx) =>
    tx.record.findFirstOrThrow({ where: { kind: "change" }, orderBy: { seq: "desc" } }),
  );
  return JSON.stringify(record, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/** A text with which tests of the version in force fail: nobody may do anything. */
async function failing() {
  const { version, guardrails, access, obligations } = await newest();
  const nothing = '\n@id("nothing-at-all")\nforbid (principal, action, resource);\n';
  return { sets: { guardrails: `${guardrails}${nothing}`, access, obligations }, note: "", baseVersion: version };
}

const testsFail = { ok: false, error: { code: "policy.tests_fail" } };
const reason = "The tests follow tomorrow.";

test("a text with failing tests is published on no way, and the refusal names the tests", async () => {
  const wanted = await failing();
  const refused = await publishPolicies(org.deps, cy, wanted);
  expect(refused).toMatchObject(testsFail);
  expect(refused.ok ? "" : refused.error.public).toMatch(
    /^\d+ of \d+ policy tests fail \(.*: expected allow, got deny/,
  );
  expect(await openRequest(org.deps, cy, wanted)).toMatchObject(testsFail);
  const saved = await saveDraft(org.deps, cy, wanted);
  const number = saved.ok ? saved.value.number : 0;
  expect(await publishDraft(org.deps, cy, { number })).toMatchObject(testsFail);
  expect((await newest()).version).toBe(wanted.baseVersion);
});

test("only somebody who may override tests does, with a reason that stands in the version and in the ledger", async () => {
  const wanted = { ...(await failing()), overrideTests: reason };
  expect(await publishPolicies(org.deps, ana, wanted)).toMatchObject({
    ok: false,
    error: { code: "request.forbidden" },
  });
  expect(await publishPolicies(org.deps, cy, wanted)).toMatchObject({ ok: true });
  const { testsFailed, testsOverride } = await newest();
  expect(testsOverride).toBe(reason);
  expect(testsFailed).toBeGreaterThan(0);
  expect(await lastChange()).toContain(reason);
});

test("where all tests pass a reason is not looked at and not kept", async () => {
  const { version, guardrails, access, obligations } = await newest();
  const sets = { guardrails: `// why\n${guardrails}`, access, obligations };
  const wanted = { sets, note: "", baseVersion: version, overrideTests: reason };
  expect(await publishPolicies(org.deps, ana, wanted)).toMatchObject({ ok: true });
  expect(await newest()).toMatchObject({ testsFailed: 0, testsOverride: null });
});

test("tests are published with the text, and going back takes the old text's tests with it", async () => {
  const wanted = await failing();
  expect(await publishPolicies(org.deps, ana, { ...wanted, tests: {} })).toMatchObject({ ok: true });
  expect(parseTests((await newest()).tests).suites).toEqual({});
  expect(await lastChange()).toContain('"testsChanged":true');
  expect(await rollBackPolicies(org.deps, ana, { version: wanted.baseVersion, note: "" })).toMatchObject({ ok: true });
  expect(Object.keys(parseTests((await newest()).tests).suites)).not.toEqual([]);
});

test("going back to what was published against its tests needs the reason again", async () => {
  const wanted = await failing();
  expect(await publishPolicies(org.deps, cy, { ...wanted, overrideTests: reason })).toMatchObject({ ok: true });
  const overridden = wanted.baseVersion + 1;
  expect(await rollBackPolicies(org.deps, cy, { version: wanted.baseVersion, note: "" })).toMatchObject({ ok: true });
  expect(await rollBackPolicies(org.deps, cy, { version: overridden, note: "" })).toMatchObject(testsFail);
});

test("a second person sees the reason, and cannot approve it once whoever gave it may not override any more", async () => {
  await storeExchanges(org, 12, {});
  await setPublishRule(org.deps, cy, { flipsMax: 5 });
  const wanted = await failing();
  const asked = await openRequest(org.deps, cy, { ...wanted, overrideTests: reason });
  const { digest, id } = asked.ok ? asked.value : { digest: "", id: "" };
  expect(await showRequest(org.deps, ana, { id })).toMatchObject({ ok: true, value: { testsOverride: reason } });
  const member = { where: { id: cy.actor.memberId } };
  await org.data.tx((tx) => tx.member.update({ ...member, data: { role: "editor" } }));
  const yes = { id, digest, approved: true, reason: "" };
  expect(await decideRequest(org.deps, ana, yes)).toMatchObject({ ok: false, error: { code: "request.forbidden" } });
  await org.data.tx((tx) => tx.member.update({ ...member, data: { role: "admin" } }));
  expect(await decideRequest(org.deps, ana, yes)).toMatchObject({ ok: true, value: { status: "approved" } });
  expect(await newest()).toMatchObject({ testsOverride: reason, approvedById: ana.actor.memberId });
});

test("the database itself refuses a version with failing tests and no reason", async () => {
  const { orgId } = org.answer;
  const { guardrails, access, obligations, version } = await newest();
  const row = { orgId, version: version + 1, guardrails, access, obligations, testsFailed: 1 };
  await expect(org.data.tx((tx) => tx.policyVersion.create({ data: row }))).rejects.toThrow(/policy_version_tests/);
});

test("tests that somebody is writing run beside the text, each case and each mistake with its place", async () => {
  const files = writeTestFiles(parseTests((await newest()).tests));
  const [file = ""] = Object.keys(files).filter((path) => path.startsWith("guardrails/"));
  const broken = { ...files, "access/broken.policy-tests.json": "{" };
  const run = await testPolicies(org.deps, ana, { ...(await failing()), tests: broken });
  if (!run.ok) throw new Error(run.error.public);
  expect(run.value.problems).toMatchObject([{ file: "access/broken.policy-tests.json", line: 1 }]);
  expect(run.value.passed).toBe(false);
  const lines = files[file]?.split("\n") ?? [];
  for (const { file: of, line, name } of run.value.cases.filter((found) => found.file === file)) {
    expect(of === file && lines[line - 1]).toContain(JSON.stringify(name));
  }
});
