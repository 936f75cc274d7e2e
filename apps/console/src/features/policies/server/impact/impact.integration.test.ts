import { openQueues } from "@sluice/jobs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../../provision/test-org.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import { startWorker } from "../../../../worker/start-worker.ts";
import { followImpact } from "./follow-impact.ts";
import { cancelImpact, readImpact } from "./read-impact.ts";
import { storeExchanges } from "./records.fixture.ts";
import { runImpact } from "./run-impact.ts";
import { startImpact } from "./start-impact.ts";

let org: TestOrg;
let cy: OrgScope;
let recorded: string[];

beforeAll(async () => {
  org = await openTestOrg();
  const member = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  const { email, handle, name } = member;
  cy = {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: member.id, handle, name, email, role: "admin", groups: ["admins"] },
    data: org.data,
  };
  recorded = await storeExchanges(org, 6, { email: true });
  await storeExchanges(org, 3, { agent: true });
  await storeExchanges(org, 2, { without: "given" });
  await storeExchanges(org, 1, { without: "decisions" });
  await storeExchanges(org, 1, { principal: "nobody-any-more" });
  await storeExchanges(org, 4, { atMs: org.deps.clock.now() - 3 * 24 * 3_600_000 });
});
afterAll(() => org[Symbol.asyncDispose]());

/** The policies in force with more in them. */
async function candidate(more: { readonly guardrails?: string; readonly access?: string }) {
  const now = await org.data.tx((tx) => tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }));
  return {
    guardrails: `${now.guardrails}\n${more.guardrails ?? ""}`,
    access: `${now.access}\n${more.access ?? ""}`,
    obligations: now.obligations,
  };
}
const showEmail =
  '@id("ana-sees-email") permit (principal == User::"ana", action == Action::"unmask", resource == DataClass::"email");\n';
const noC1 =
  '@id("no-c1") forbid (principal, action in Action::"sql.read", resource) when { context.sql.columnsRead.contains("c1") };\n';

test("replays a day of recorded exchanges: what flips, for whom, where, with examples that can be opened", async () => {
  const sets = await candidate({ guardrails: noC1, access: showEmail });
  const started = await startImpact(org.deps, cy, { sets, span: "day" });
  if (!started.ok) throw new Error(started.error.public);
  expect(started.value).toMatchObject({ status: "queued", result: null });
  await runImpact(org.deps, org.data, started.value.id);
  const read = await readImpact(org.deps, cy, { id: started.value.id });
  const impact = read.ok ? read.value : undefined;
  expect(impact).toMatchObject({ status: "done", rule: null, flips: 9 });
  expect(impact?.result).toMatchObject({
    records: 13,
    sampled: 13,
    replayed: 9,
    unreplayable: { incomplete: 2, undecided: 1, principal_gone: 1 },
    // c1 is read once by ana and once by the agent; e-mail by ana's other five
    changed: 7,
    kinds: { allowed_to_refused: 2, masked_to_clear: 5 },
    byPolicy: [
      { name: "ana-sees-email", records: 5, kinds: { masked_to_clear: 5 } },
      { name: "no-c1", records: 2, kinds: { allowed_to_refused: 2 } },
    ],
    byPrincipal: [
      { name: 'User::"ana"', records: 6 },
      { name: 'Agent::"copilot"', records: 1 },
    ],
    byResource: [
      { name: 'DataClass::"email"', records: 5 },
      { name: 'Table::"shop/public.customers"', records: 2 },
    ],
  });
  const example = impact?.result?.examples.find(({ recordId }) => recordId === recorded[1]);
  expect(example).toMatchObject({ kind: "masked_to_clear", principal: 'User::"ana"', policies: ["ana-sees-email"] });
  expect(impact?.statements[recorded[1] ?? ""]).toBe("SELECT c2 FROM customers");
});

test("statements are for those who may read records; counts are for everybody who may read policies", async () => {
  const sets = await candidate({ guardrails: noC1 });
  const started = await startImpact(org.deps, cy, { sets, span: "day" });
  if (!started.ok) throw new Error(started.error.public);
  await runImpact(org.deps, org.data, started.value.id);
  const ana = { ...cy, actor: { ...cy.actor, role: "engineer" as const } };
  expect(await readImpact(org.deps, ana, { id: started.value.id })).toMatchObject({
    ok: true,
    value: { result: { changed: 2 }, statements: {} },
  });
});

test("a fresh result, or a run that goes on, is answered instead of a second run; another span is another run", async () => {
  const sets = await candidate({ access: showEmail });
  const first = await startImpact(org.deps, cy, { sets, span: "week" });
  const again = await startImpact(org.deps, cy, { sets, span: "week" });
  const other = await startImpact(org.deps, cy, { sets, span: "hour" });
  const ids = [first, again, other].map((one) => (one.ok ? one.value.id : undefined));
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  expect(org.queued.filter(([, payload]) => JSON.stringify(payload).includes(ids[0] ?? "none"))).toHaveLength(1);
  for (const id of [ids[0], ids[2]]) await runImpact(org.deps, org.data, id ?? "");
  const [week, hour] = await Promise.all([ids[0], ids[2]].map((id) => readImpact(org.deps, cy, { id: id ?? "" })));
  expect(week).toMatchObject({
    value: { result: { records: 17, changed: 6 }, rule: { flipsMax: 100, needsSecond: null } },
  });
  expect(hour).toMatchObject({ value: { result: { records: 13, changed: 6 }, rule: null } });
});

test("a cancelled run stays cancelled, whatever its worker does", async () => {
  const sets = await candidate({ guardrails: noC1.replaceAll("c1", "c5") });
  const started = await startImpact(org.deps, cy, { sets, span: "day" });
  if (!started.ok) throw new Error(started.error.public);
  const { id } = started.value;
  expect(await cancelImpact(org.deps, cy, { id })).toMatchObject({ ok: true, value: { status: "cancelled" } });
  await runImpact(org.deps, org.data, id);
  expect(await readImpact(org.deps, cy, { id })).toMatchObject({ value: { status: "cancelled", result: null } });
});

test("a text with an error and a span that is none are refused", async () => {
  const sets = await candidate({ access: "permit (" });
  expect(await startImpact(org.deps, cy, { sets, span: "day" })).toMatchObject({ ok: false });
  const good = await candidate({ access: showEmail });
  expect(await startImpact(org.deps, cy, { sets: good, span: "custom" })).toMatchObject({ ok: false });
  const backwards = { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" };
  expect(await startImpact(org.deps, cy, { sets: good, span: "custom", ...backwards })).toMatchObject({ ok: false });
});

test("the worker runs what is queued and whoever watches sees it end", async () => {
  const queues = openQueues(inject("redisUrl"));
  const deps = { ...org.deps, queues };
  const worker = await startWorker(inject("redisUrl"), org.db, deps);
  try {
    const sets = await candidate({ guardrails: noC1.replaceAll("c1", "c2") });
    const started = await startImpact(deps, cy, { sets, span: "day" });
    if (!started.ok) throw new Error(started.error.public);
    const seen: string[] = [];
    for await (const { event } of followImpact(deps, cy, started.value.id, AbortSignal.timeout(20_000))) {
      seen.push(event.status);
    }
    expect(seen.at(-1)).toBe("done");
  } finally {
    await worker.close();
    await queues.close();
  }
});
