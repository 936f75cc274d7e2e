import { envelopeSchema, rawPublicKey, verifyShadow } from "@sluice/bundle";
import { openQueues } from "@sluice/jobs";
import { newId } from "@sluice/kernel";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readPrivateKey } from "../../features/keys/index.ts";
import { readRun, startRun, stopRun } from "../../features/shadow/index.ts";
import { openTestOrg, type TestOrg } from "../../provision/test-org.ts";
import type { Deps } from "../deps.ts";
import type { OrgScope } from "../scope.ts";
import { startControl } from "./start-control.ts";
import { certificatePem, dial, newEnforcerKey, type Proof, serverProof, type TestStream } from "./test-enforcer.ts";

let org: TestOrg;
let deps: Deps;
let scope: OrgScope;
let server: Proof;
let port: number;
let enforcer: { readonly id: string; readonly proof: Proof };
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  org = await openTestOrg();
  deps = { ...org.deps, clock: { now: () => Date.now(), monotonic: () => performance.now() } };
  const cy = await org.data.tx((tx) => tx.member.findFirstOrThrow({ where: { handle: "cy" } }));
  scope = {
    org: { id: org.answer.orgId, slug: org.slug, name: "Acme", origin: "http://localhost" },
    actor: { memberId: cy.id, handle: "cy", name: cy.name, email: cy.email, role: "admin", groups: ["admins"] },
    data: org.data,
  };
  server = await serverProof();
  const queues = openQueues(inject("redisUrl"));
  const identity = { certPem: Buffer.from(server.certPem), keyPem: Buffer.from(server.keyPem) };
  const consoleOrigin = async () => "http://console.test";
  const control = await startControl({
    db: org.db,
    deps,
    queues,
    ...identity,
    host: "127.0.0.1",
    port: 0,
    consoleOrigin,
  });
  port = control.port;
  closers.push(control.close, queues.close);
  enforcer = await enrolled();
}, 60_000);
afterAll(async () => {
  for (const close of closers) await close();
  await org?.[Symbol.asyncDispose]();
});

async function enrolled() {
  const { keyPem, csrDer } = await newEnforcerKey();
  const anonymous = dial(port, server.certPem);
  const token = org.answer.enrolToken;
  const answer = await anonymous.call("enrolment", "enrol", { token, csrDer, version: "0.1.0", hostname: "test" });
  anonymous.close();
  const { certificateDer, enforcerId } = answer;
  if (!(certificateDer instanceof Uint8Array) || typeof enforcerId !== "string") throw new Error("no certificate");
  return { id: enforcerId, proof: { keyPem, certPem: certificatePem(certificateDer) } };
}

async function connected(capabilities: string[]) {
  const client = dial(port, server.certPem, enforcer.proof);
  const stream = client.connect();
  stream.send({ case: "hello", value: { version: "0.1.0", hostname: "test", firstUnackedSeq: 1n, capabilities } });
  await stream.heard("welcome");
  const close = () => {
    stream.cancel();
    client.close();
  };
  return { client, stream, close };
}

async function candidate(name: string) {
  const newest = await org.data.tx((tx) => tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }));
  const { guardrails, access, obligations } = newest;
  const policy = `@id("${name}")\npermit (principal == User::"cy", action == Action::"sql.read.select", resource);`;
  return { guardrails, access: `${access}\n${policy}\n`, obligations };
}

const detail = async (id: string) => {
  const read = await readRun(deps, scope, { id });
  if (!read.ok) throw new Error(read.error.internal);
  return read.value;
};

const counters = { repeated: 1n, dropped: 0n, unreplayable: 0n, failed: 0n, ungrouped: 0n, candidateUs: 40n };
const group = {
  kind: "refused_to_allowed",
  policies: ["cy-reads"],
  principal: 'User::"cy"',
  onBehalfOf: "",
  action: "sql.read.select",
  resource: 'Table::"shop/public.customers"',
};

function report(stream: TestStream, runId: string, digest: string, instance: string, decided: bigint): void {
  const groups = [{ ...group, count: decided, exchangeIds: [newId(), "not an id"] }];
  const value = { ...counters, runId, digest, instance, state: "running", decided, flips: decided, groups };
  stream.send({ case: "shadow", value });
}

test("a run is announced, fetched, reported on and stopped, over real streams", async () => {
  const { client, stream, close } = await connected(["shadow.v1"]);
  expect(await stream.heard("shadow")).toMatchObject({ runId: "" });
  const started = await startRun(deps, scope, { sets: await candidate("cy-reads"), note: "try", minutes: 5 });
  if (!started.ok) throw new Error(started.error.internal);
  const { id } = started.value;
  const notice = await stream.heard("shadow", ({ runId }) => runId === id);
  const { envelope } = await client.call("control", "fetchShadow", { runId: id });
  if (!(envelope instanceof Uint8Array)) throw new Error("no envelope");
  const { orgId, siteId } = org.answer;
  const key = await org.data.tx((tx) => readPrivateKey(tx, deps.sealer, orgId, "bundle"));
  const trust = { bundleKey: rawPublicKey(key), orgId, siteId, versionFloor: 0, nowMs: Date.now() };
  expect(verifyShadow(envelope, trust)).toMatchObject({
    ok: true,
    value: { digest: notice.digest, content: { runId: id, version: 1 } },
  });
  expect(envelopeSchema.parse(JSON.parse(Buffer.from(envelope).toString())).payloadType).toContain("shadow");
  report(stream, id, notice.digest, "first", 3n);
  report(stream, id, notice.digest, "first", 5n);
  report(stream, id, notice.digest, "after-restart", 2n);
  await expect.poll(async () => (await detail(id)).totals.decided, { timeout: 5_000 }).toBe(7);
  const run = await detail(id);
  expect(run).toMatchObject({ state: "running", flips: 7, totals: { flips: 7, repeated: 2 } });
  expect(run.groups).toMatchObject([{ ...group, count: 7 }]);
  expect(run.groups[0]?.exchangeIds).toHaveLength(2);
  expect(run.enforcers).toMatchObject([{ id: enforcer.id, state: "running", restarts: 1, problem: null }]);
  expect(await startRun(deps, scope, { sets: await candidate("other"), note: "", minutes: 5 })).toMatchObject({
    ok: false,
    error: { code: "request.conflict" },
  });
  expect(await stopRun(deps, scope, { id })).toMatchObject({ ok: true });
  await expect
    .poll(() => stream.messages.findLast((one) => one.case === "shadow")?.value, { timeout: 5_000 })
    .toMatchObject({ runId: "" });
  await expect(client.call("control", "fetchShadow", { runId: id })).rejects.toMatchObject({ code: 5 });
  const changes = await org.data.tx((tx) =>
    tx.record.findMany({ where: { kind: "change" }, orderBy: { seq: "desc" }, take: 2 }),
  );
  expect(changes.flatMap(({ actions }) => actions)).toEqual(["shadow_run.stop", "shadow_run.start"]);
  close();
});

test("an enforcer that is too old is not told, and the run says so of it", async () => {
  const { stream, close } = await connected([]);
  const started = await startRun(deps, scope, { sets: await candidate("cy-reads"), note: "", minutes: 5 });
  if (!started.ok) throw new Error(started.error.internal);
  const [own] = (await detail(started.value.id)).enforcers;
  expect(own).toMatchObject({ state: "too_old" });
  expect(own?.problem).toContain("Update it");
  await stopRun(deps, scope, { id: started.value.id });
  expect(stream.messages.some((message) => message.case === "shadow")).toBe(false);
  close();
});

test("an enforcer that comes back learns what runs now, or that nothing does", async () => {
  const started = await startRun(deps, scope, { sets: await candidate("cy-reads"), note: "", minutes: 5 });
  if (!started.ok) throw new Error(started.error.internal);
  const first = await connected(["shadow.v1"]);
  await first.stream.heard("shadow", ({ runId }) => runId === started.value.id);
  first.close();
  await stopRun(deps, scope, { id: started.value.id });
  const second = await connected(["shadow.v1"]);
  expect(await second.stream.heard("shadow")).toMatchObject({ runId: "" });
  second.close();
});

test("nothing is taken of a report about a run that is not theirs, of an unknown kind or with fewer decisions", async () => {
  const { stream, close } = await connected(["shadow.v1"]);
  const started = await startRun(deps, scope, { sets: await candidate("cy-reads"), note: "", minutes: 5 });
  if (!started.ok) throw new Error(started.error.internal);
  const { id } = started.value;
  const { digest } = await stream.heard("shadow", ({ runId }) => runId === id);
  report(stream, id, "0".repeat(64), "foreign digest", 9n);
  report(stream, newId(), digest, "foreign run", 9n);
  const bad = { ...counters, runId: id, digest, instance: "bad", decided: 1n, flips: 1n };
  stream.send({ case: "shadow", value: { ...bad, state: "winning" } });
  stream.send({
    case: "shadow",
    value: { ...bad, state: "running", groups: [{ ...group, kind: "worse", count: 1n }] },
  });
  report(stream, id, digest, "good", 4n);
  report(stream, id, digest, "good", 1n);
  stream.send({ case: "heartbeat", value: {} });
  await stream.heard("heartbeat");
  expect((await detail(id)).totals.decided).toBe(4);
  await stopRun(deps, scope, { id });
  close();
});

test("a candidate with an error, or that is in force already, is not started", async () => {
  const sets = await candidate("x");
  const broken = { ...sets, access: `${sets.access} permit (` };
  expect(await startRun(deps, scope, { sets: broken, note: "", minutes: 5 })).toMatchObject({
    ok: false,
    error: { code: "request.invalid" },
  });
  const { guardrails, access, obligations } = await org.data.tx((tx) =>
    tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } }),
  );
  const same = { guardrails, access: `${access}\n// only a comment\n`, obligations };
  expect(await startRun(deps, scope, { sets: same, note: "", minutes: 5 })).toMatchObject({
    ok: false,
    error: { code: "request.invalid" },
  });
});
