import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../../provision/test-org.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { publishPolicies } from "../publish-policies.ts";
import { testPolicies } from "../tests/test-policies.ts";
import { discardDraft } from "./discard-draft.ts";
import { exportPolicies } from "./export-policies.ts";
import { importPolicies } from "./import-policies.ts";
import { publishDraft } from "./publish-draft.ts";
import { listDrafts, readDraft } from "./read-drafts.ts";
import { saveDraft } from "./save-draft.ts";

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

async function exported() {
  const answer = await exportPolicies(org.deps, scope, {});
  if (!answer.ok) throw new Error(answer.error.public);
  return answer.value;
}

async function newest() {
  return org.data.tx((tx) => tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }));
}

async function lastChange() {
  return org.data.tx((tx) => tx.record.findFirstOrThrow({ where: { kind: "change" }, orderBy: { seq: "desc" } }));
}

function send(files: Record<string, string>, base: string, dryRun = false) {
  return importPolicies(org.deps, scope, { files, base, note: "from files", dryRun });
}

const extra = (id: string) =>
  `// why\n@id("${id}")\npermit (\n  principal == User::"cy",\n  action == Action::"sql.read.select",\n  resource\n);\n`;

test("a new org's export has one file per policy and its tests beside it, which pass and cover everything", async () => {
  const { files, version } = await exported();
  expect(version).toBe(1);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      "guardrails/unbounded-write.cedar",
      "guardrails/unbounded-write.policy-tests.json",
      "access/people-connect.cedar",
      "entities.json",
    ]),
  );
  expect(await testPolicies(org.deps, scope, {})).toMatchObject({ ok: true, value: { passed: true, uncovered: [] } });
});

test("what was exported and comes back unchanged makes no draft", async () => {
  const { files, base } = await exported();
  expect(await send(files, base)).toMatchObject({ ok: true, value: { draft: null, differs: false, changes: [] } });
  expect(await send(files, "0".repeat(64))).toMatchObject({ ok: true, value: { differs: false } });
});

test("an import is a draft with an author, a published draft is a version, and the next export is the same bytes", async () => {
  const { files, base, version } = await exported();
  const edited = { ...files, "access/cy-reads.cedar": extra("cy-reads") };
  const dry = await send(edited, base, true);
  expect(dry).toMatchObject({ ok: true, value: { draft: null, changes: [{ id: "cy-reads", kind: "added" }] } });
  const made = await send(edited, base);
  const number = made.ok ? (made.value.draft ?? 0) : 0;
  expect(await readDraft(org.deps, scope, { number })).toMatchObject({
    ok: true,
    value: { author: { handle: "cy" }, baseVersion: version, note: "from files", overtaken: false },
  });
  expect((await exported()).files).toEqual(files); // nothing is in force yet
  expect(await lastChange()).toMatchObject({ actions: ["policy.import"], principalId: "cy" });

  const published = await publishDraft(org.deps, scope, { number });
  expect(published).toEqual({ ok: true, value: { version: version + 1, requestId: null } });
  expect((await exported()).files).toEqual(edited);
  expect(await listDrafts(org.deps, scope)).toMatchObject({
    ok: true,
    value: { items: [{ number, state: "published", version: version + 1, overtaken: false }] },
  });
});

test("an import from an older state is refused, and so is a draft that was overtaken", async () => {
  const { files, base } = await exported();
  const first = await send({ ...files, "access/one.cedar": extra("one") }, base);
  const second = await send({ ...files, "access/two.cedar": extra("two") }, base);
  const numbers = [first, second].map((made) => (made.ok ? (made.value.draft ?? 0) : 0));
  expect(await publishDraft(org.deps, scope, { number: numbers[0] ?? 0 })).toMatchObject({ ok: true });
  expect(await publishDraft(org.deps, scope, { number: numbers[1] ?? 0 })).toMatchObject({
    ok: false,
    error: { code: "request.conflict" },
  });
  expect(await send({ ...files, "access/two.cedar": extra("two") }, base)).toMatchObject({
    ok: false,
    error: { code: "request.conflict" },
  });
});

test("tests alone are a draft too: in force once it is published, and with every later text that says nothing of tests", async () => {
  const { files, base, version } = await exported();
  const suite = files["guardrails/unbounded-write.policy-tests.json"] ?? "";
  const made = await send({ ...files, "more.policy-tests.json": suite }, base);
  expect(made).toMatchObject({ ok: true, value: { changes: [], testsChanged: true } });
  expect((await exported()).files["more.policy-tests.json"]).toBeUndefined();
  const number = made.ok ? (made.value.draft ?? 0) : 0;
  expect(await readDraft(org.deps, scope, { number })).toMatchObject({
    ok: true,
    value: { changes: { policies: [], tests: [{ file: "more.policy-tests.json", before: "", after: suite }] } },
  });
  expect(await publishDraft(org.deps, scope, { number })).toMatchObject({ ok: true });
  expect((await exported()).files["more.policy-tests.json"]).toBe(suite);
  const { guardrails, access, obligations } = await newest();
  const sets = { guardrails: `// a comment\n${guardrails}`, access, obligations };
  const wanted = { sets, note: "a comment", baseVersion: version + 1 };
  expect(await publishPolicies(org.deps, scope, wanted)).toMatchObject({ ok: true });
  expect((await exported()).files["more.policy-tests.json"]).toBe(suite);
});

test("what was written in the editor is kept as a draft, and says where its tests are wrong when they are", async () => {
  const { guardrails, access, obligations, version } = await newest();
  const sets = { guardrails, access: `${access}\n${extra("kept")}`, obligations };
  const wrong = { "access/kept.policy-tests.json": '{\n  "cases": [{ "name": "x" }]\n}' };
  expect(await saveDraft(org.deps, scope, { sets, tests: wrong, note: "", baseVersion: version })).toMatchObject({
    ok: false,
    error: { public: expect.stringMatching(/^access\/kept\.policy-tests\.json:2:\d+: cases\.0/) },
  });
  const saved = await saveDraft(org.deps, scope, { sets, note: "kept", baseVersion: version });
  const number = saved.ok ? saved.value.number : 0;
  expect(await readDraft(org.deps, scope, { number })).toMatchObject({
    ok: true,
    value: { state: "open", note: "kept", changes: { policies: [{ id: "kept", change: "added" }], tests: [] } },
  });
  expect(await lastChange()).toMatchObject({ actions: ["policy_draft.save"], principalId: "cy" });
  const same = { sets: { guardrails, access, obligations }, note: "", baseVersion: version };
  expect(await saveDraft(org.deps, scope, same)).toMatchObject({ ok: false, error: { code: "request.invalid" } });
});

test("a discarded draft stays readable, is never published, and cannot be discarded twice or after it was published", async () => {
  const { files, base } = await exported();
  const made = await send({ ...files, "access/put-aside.cedar": extra("put-aside") }, base);
  const number = made.ok ? (made.value.draft ?? 0) : 0;
  const discarded = { state: "discarded", discardedBy: { handle: "cy" }, overtaken: false };
  expect(await discardDraft(org.deps, scope, { number })).toMatchObject({ ok: true, value: discarded });
  expect(await lastChange()).toMatchObject({ actions: ["policy_draft.discard"], principalId: "cy" });
  expect(await readDraft(org.deps, scope, { number })).toMatchObject({ ok: true, value: discarded });
  const refused = { ok: false, error: { code: "request.conflict" } };
  expect(await publishDraft(org.deps, scope, { number })).toMatchObject(refused);
  expect(await discardDraft(org.deps, scope, { number })).toMatchObject(refused);
  expect(await discardDraft(org.deps, scope, { number: 999 })).toMatchObject({
    ok: false,
    error: { code: "request.not_found" },
  });
  const second = await send({ ...files, "access/in-force.cedar": extra("in-force") }, base);
  const published = { number: second.ok ? (second.value.draft ?? 0) : 0 };
  const version = await publishDraft(org.deps, scope, published);
  expect(version).toMatchObject({ ok: true });
  expect(await discardDraft(org.deps, scope, published)).toMatchObject(refused);
  expect(await readDraft(org.deps, scope, published)).toMatchObject({
    ok: true,
    value: { state: "published", version: version.ok ? version.value.version : 0 },
  });
});

test("errors are named with file, line and column, and nothing is kept", async () => {
  const { files, base } = await exported();
  const before = await listDrafts(org.deps, scope);
  const bad = await send(
    { ...files, "access/bad.cedar": '// why\n@id("bad") permit (principal, actio, resource);' },
    base,
  );
  expect(bad).toMatchObject({ ok: false, error: { code: "request.invalid" } });
  expect(bad.ok ? "" : bad.error.public).toMatch(/^access\/bad\.cedar:2:\d+: .*`action`/);
  const stranger = await send({ ...files, "../../etc/passwd": "x" }, base);
  expect(stranger).toMatchObject({ ok: false, error: { code: "request.invalid" } });
  expect(await listDrafts(org.deps, scope)).toEqual(before);
});
