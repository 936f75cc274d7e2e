import { zstdCompressSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { openQueues } from "@sluice/jobs";
import { canonicalJson, newId } from "@sluice/kernel";
import {
  type ApprovalSubject,
  approvalDigest,
  CHAIN_START,
  chainHead,
  type LedgerRecord,
  signHead,
} from "@sluice/ledger";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { decideApproval } from "../../features/approvals/server/decide-approval.ts";
import { changeOrg } from "../../features/bundles/index.ts";
import { banEnforcer } from "../../features/enforcers/server/ban-enforcer.ts";
import { viewEnforcer } from "../../features/enforcers/server/enforcer-view.ts";
import { systemActor } from "../../features/records/index.ts";
import { openTestOrg, type TestOrg } from "../../provision/test-org.ts";
import { startWorker } from "../../worker/start-worker.ts";
import type { Deps } from "../deps.ts";
import { redisWakeups } from "../wakeups.ts";
import { startControl } from "./start-control.ts";
import { certificatePem, dial, newEnforcerKey, type Proof, serverProof, type TestStream } from "./test-enforcer.ts";

let org: TestOrg;
let deps: Deps;
let server: Proof;
let port: number;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  org = await openTestOrg();
  const redis = new Redis(inject("redisUrl"));
  const wakeups = redisWakeups(redis);
  deps = { ...org.deps, clock: { now: () => Date.now(), monotonic: () => performance.now() }, wakeups };
  const queues = openQueues(inject("redisUrl"));
  server = await serverProof();
  const control = await startControl({
    db: org.db,
    deps,
    queues,
    certPem: Buffer.from(server.certPem),
    keyPem: Buffer.from(server.keyPem),
    host: "127.0.0.1",
    port: 0,
    consoleOrigin: async () => "http://console.test",
  });
  port = control.port;
  const worker = await startWorker(inject("redisUrl"), org.db, deps);
  closers.push(control.close, worker.close, queues.close, wakeups.close, () => redis.disconnect());
}, 60_000);
afterAll(async () => {
  for (const close of closers) await close();
  await org?.[Symbol.asyncDispose]();
});

async function enrolled() {
  const { keyPem, key, csrDer } = await newEnforcerKey();
  const anonymous = dial(port, server.certPem);
  const answer = await anonymous.call("enrolment", "enrol", {
    token: org.answer.enrolToken,
    csrDer,
    version: "0.1.0",
    hostname: "test",
  });
  anonymous.close();
  const { certificateDer, enforcerId } = answer;
  if (!(certificateDer instanceof Uint8Array) || typeof enforcerId !== "string") throw new Error("no certificate");
  return { enforcerId, key, csrDer, proof: { keyPem, certPem: certificatePem(certificateDer) } };
}
let me: Awaited<ReturnType<typeof enrolled>>;
const hello = (stream: TestStream, fields: { bundleVersion?: bigint; bundleDigest?: string } = {}) =>
  stream.send({ case: "hello", value: { version: "0.1.0", hostname: "test", firstUnackedSeq: 1n, ...fields } });
const row = () => org.data.tx((tx) => tx.enforcer.findUniqueOrThrow({ where: { id: me.enforcerId } }));

test("an enforcer enrols over server-authenticated TLS and is known by its certificate afterwards", async () => {
  me = await enrolled();
  const client = dial(port, server.certPem, me.proof);
  const { envelope } = await client.call("control", "fetchBundle", {});
  expect(envelope).toBeInstanceOf(Uint8Array);
  expect(await client.call("control", "renew", { csrDer: me.csrDer })).toHaveProperty("certificateDer");
  client.close();
});

describe("whoever shows no certificate of an org's authority", () => {
  test("gets nothing: no stream, no bundle, no renewal", async () => {
    const anonymous = dial(port, server.certPem);
    const refused = { code: status.UNAUTHENTICATED };
    await expect(anonymous.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
    await expect(anonymous.call("control", "renew", { csrDer: me.csrDer })).rejects.toMatchObject(refused);
    expect(await anonymous.connect().ended).toMatchObject(refused);
    anonymous.close();
    const forged = dial(port, server.certPem, await serverProof());
    await expect(forged.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
    forged.close();
  });

  test("cannot use a token twice", async () => {
    await expect(enrolled()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });
});

describe("a stream", () => {
  test("is welcomed, told of the bundle, and noted as online, with what became of the bundle", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    const welcome = await stream.heard("welcome");
    expect(welcome).toMatchObject({ consoleUrl: "http://console.test", ackedSeq: 0n });
    const notice = await stream.heard("bundle");
    expect(notice.version).toBe(1n);
    stream.send({ case: "bundleStatus", value: { version: 1n, digest: notice.digest, applied: true } });
    stream.send({ case: "heartbeat", value: { atMs: 1n, sessions: 3, spoolBytes: 5n } });
    await stream.heard("heartbeat");
    expect(await row()).toMatchObject({ status: "online", appliedVersion: 1, sessions: 3, desiredVersion: 1 });
    stream.cancel();
    await expect.poll(async () => (await row()).status, { timeout: 5_000 }).toBe("offline");
    client.close();
  });

  test("says which bundle it refuses, why and since when, until it applies one again", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    const { digest } = await stream.heard("bundle");
    const refused = { version: 2n, digest: "f".repeat(64), applied: false, reasonCode: "bundle.bad_policies" };
    stream.send({ case: "bundleStatus", value: { ...refused, reason: "@teleport is not an annotation Sluice knows" } });
    await expect.poll(async () => (await row()).refusedVersion, { timeout: 5_000 }).toBe(2);
    const { appliedVersion, refusedAt } = await row();
    expect({ appliedVersion, since: refusedAt instanceof Date }).toEqual({ appliedVersion: 1, since: true });
    stream.send({ case: "bundleStatus", value: { ...refused, version: 3n, reason: "again" } });
    await expect.poll(async () => (await row()).refusedVersion, { timeout: 5_000 }).toBe(3);
    const later = await row();
    expect(later.refusedAt).toEqual(refusedAt);
    expect(viewEnforcer({ ...later, site: { id: "s", slug: "s", name: "S" } }, new Map(), Date.now())).toMatchObject({
      current: false,
      refused: { version: 3, code: "bundle.bad_policies", since: refusedAt?.toISOString() },
    });
    stream.send({ case: "bundleStatus", value: { version: 1n, digest, applied: true } });
    await expect.poll(async () => (await row()).refusedVersion, { timeout: 5_000 }).toBeNull();
    expect(await row()).toMatchObject({ refusedReason: null, refusedCode: null, refusedAt: null });
    stream.cancel();
    client.close();
  });

  test("is told of a new bundle within two seconds of the change, and of a lock ahead of it", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream, { bundleVersion: 1n, bundleDigest: (await row()).appliedDigest ?? "" });
    await stream.heard("welcome");
    const startedAt = performance.now();
    await changeOrg(deps, org.data, systemActor, async (tx, notes) => {
      await tx.agent.updateMany({ data: { lockedAt: new Date() } });
      notes.record({ action: "agent.lock", target: 'Agent::"copilot"' });
      notes.rebuild("agent");
    });
    const notice = await stream.heard("bundle", ({ version }) => version === 2n);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(notice.digest).toMatch(/^[0-9a-f]{64}$/);
    const order = stream.messages.map((message) => message.case);
    expect(order.indexOf("revocation")).toBeLessThan(order.indexOf("bundle"));
    expect(await stream.heard("revocation")).toMatchObject({ kind: "principal", value: 'Agent::"copilot"' });
    stream.cancel();
    client.close();
  });

  test("takes the place of an older one of the same enforcer", async () => {
    const client = dial(port, server.certPem, me.proof);
    const first = client.connect();
    hello(first);
    await first.heard("welcome");
    const second = client.connect();
    hello(second);
    await second.heard("welcome");
    expect(await first.ended).toMatchObject({ code: status.ABORTED });
    expect((await row()).status).toBe("online");
    second.cancel();
    client.close();
  });

  test("ends when its first message is not the hello", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    stream.send({ case: "heartbeat", value: {} });
    expect(await stream.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
    client.close();
  });
});

const record = (seq: number): LedgerRecord => ({
  v: 1,
  kind: "session",
  id: newId(),
  orgId: org.answer.orgId,
  enforcerId: me.enforcerId,
  seq,
  atMs: Date.now(),
  principals: [{ type: "User", id: "ana", name: "Ana" }],
  verdict: "allow",
  decisions: [],
  bundleVersion: 1,
});
const sealed = (bytes: Buffer, seq: number, previous: Uint8Array) => {
  const head = chainHead(previous, bytes);
  const link = { orgId: org.answer.orgId, enforcerId: me.enforcerId, firstSeq: seq, lastSeq: seq, previous, head };
  const chainSignature = signHead(link, me.key);
  const value = { firstSeq: BigInt(seq), lastSeq: BigInt(seq), payloadZstd: zstdCompressSync(bytes) };
  return { ...value, chainHead: head, chainSignature, previousHead: previous };
};

describe("records", () => {
  const batch = (seq: number, previous: Uint8Array) =>
    sealed(Buffer.from(`${canonicalJson(record(seq))}\n`), seq, previous);

  test("are acknowledged when Postgres has them, and only then; sent again they are acknowledged again", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    await stream.heard("welcome");
    const first = batch(1, CHAIN_START);
    stream.send({ case: "records", value: first });
    await stream.heard("recordAck", ({ throughSeq }) => throughSeq === 1n);
    const count = () => org.data.tx((tx) => tx.record.count({ where: { enforcerId: me.enforcerId } }));
    expect(await count()).toBe(1);
    stream.send({ case: "records", value: first });
    const second = batch(2, first.chainHead);
    const third = batch(3, second.chainHead);
    stream.send({ case: "records", value: third });
    stream.send({ case: "records", value: second });
    await stream.heard("recordAck", ({ throughSeq }) => throughSeq === 3n);
    expect(await count()).toBe(3);
    stream.cancel();
    client.close();
  });

  test("that do not fit the chain are not acknowledged, and the console says why", async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    expect((await stream.heard("welcome")).ackedSeq).toBe(3n);
    stream.send({ case: "records", value: batch(4, CHAIN_START) });
    const third = Buffer.from((await row()).chainHead ?? []);
    await expect.poll(async () => (await row()).recordsRefusedReason, { timeout: 8_000 }).toMatch(/Records 4 to 4/);
    expect((await row()).recordsRefusedAt).toBeInstanceOf(Date);
    expect(await row()).toMatchObject({ ackedSeq: 3n, refusedReason: null, refusedCode: null });
    // a bundle that is applied says nothing of records; one that fits is taken, and it is over
    const status = { version: 1n, digest: "d".repeat(64), applied: true };
    stream.send({ case: "bundleStatus", value: status });
    await expect.poll(async () => (await row()).appliedDigest).toBe(status.digest);
    expect((await row()).recordsRefusedReason).toMatch(/Records 4 to 4/);
    stream.send({ case: "records", value: batch(4, third) });
    await stream.heard("recordAck", ({ throughSeq }) => throughSeq === 4n);
    expect(await row()).toMatchObject({ ackedSeq: 4n, recordsRefusedReason: null, recordsRefusedAt: null });
    stream.cancel();
    client.close();
  });
});

describe("an approval", () => {
  const subject = async (): Promise<ApprovalSubject> => {
    const shop = await org.data.tx((tx) => tx.resource.findFirstOrThrow());
    return {
      resource: { id: shop.id, name: shop.name },
      principals: [{ type: "User", id: "ana", name: "Ana" }],
      statement: "UPDATE customers SET city='Lyon' WHERE id=1",
      parameters: [],
      actions: [{ action: "sql.write.update", resource: "shop/public.customers" }],
      sessionId: newId(),
      bundleVersion: 1,
    };
  };
  const askFor = async (fields: object = {}) => {
    const what = await subject();
    return {
      approvalId: newId(),
      exchangeId: newId(),
      digest: approvalDigest(what),
      workflows: ["production-change"],
      subjectJson: Buffer.from(JSON.stringify(what)),
      expiresAtMs: BigInt(Date.now() + 60_000),
      ...fields,
    };
  };
  const decide = (ask: { approvalId: string; digest: string }, handle: string, approved = true) => {
    const member = { memberId: org.answer.people[handle]?.id ?? "", handle, name: handle };
    return decideApproval(deps, org.data, member, { ...ask, approved, reason: "because" });
  };
  const connected = async () => {
    const client = dial(port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    await stream.heard("welcome");
    return { stream, close: () => (stream.cancel(), client.close()) };
  };

  test("goes to people and its outcome comes back to the stream, with who decided", async () => {
    const { stream, close } = await connected();
    const ask = await askFor();
    stream.send({ case: "approvalAsk", value: ask });
    const received = await stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    expect(received).toMatchObject({ url: `http://console.test/approvals/${ask.approvalId}`, refusedReason: "" });
    expect(await decide(ask, "ana")).toMatchObject({ error: { code: "approval.own" } });
    expect(await decide(ask, "cy")).toMatchObject({ error: { code: "approval.not_approver" } });
    expect(await decide({ ...ask, digest: "0".repeat(64) }, "bo")).toMatchObject({
      error: { code: "approval.digest_mismatch" },
    });
    expect(await decide(ask, "bo")).toMatchObject({ value: { status: "approved" } });
    expect(await stream.heard("approval", ({ approvalId }) => approvalId === ask.approvalId)).toMatchObject({
      approved: true,
      digest: ask.digest,
      approverIds: ["bo"],
    });
    expect(await decide(ask, "bo", false)).toMatchObject({ error: { code: "approval.closed" } });
    close();
  });

  test("that was decided while the enforcer was away is told when it asks again", async () => {
    const before = await connected();
    const ask = await askFor();
    before.stream.send({ case: "approvalAsk", value: ask });
    await before.stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    before.close();
    expect(await decide(ask, "bo", false)).toMatchObject({ value: { status: "refused" } });
    const after = await connected();
    after.stream.send({ case: "approvalAsk", value: ask });
    expect(await after.stream.heard("approval", ({ approvalId }) => approvalId === ask.approvalId)).toMatchObject({
      approved: false,
      reason: "because",
    });
    after.close();
  });

  test("is refused when the digest, the workflow, the expiry or the resource does not fit", async () => {
    const { stream, close } = await connected();
    const refusedBecause = async (fields: object) => {
      const ask = await askFor(fields);
      stream.send({ case: "approvalAsk", value: ask });
      const { refusedReason } = await stream.heard("approvalReceived", (it) => it.approvalId === ask.approvalId);
      return refusedReason;
    };
    expect(await refusedBecause({ digest: "0".repeat(64) })).toMatch(/digest/);
    expect(await refusedBecause({ workflows: ["nobody"] })).toMatch(/no workflow nobody/);
    expect(await refusedBecause({ workflows: [] })).toMatch(/no workflow/);
    expect(await refusedBecause({ expiresAtMs: BigInt(Date.now() + 86_400_000) })).toMatch(/longer than/);
    expect(await refusedBecause({ expiresAtMs: 1n })).toMatch(/over already/);
    expect(await refusedBecause({ subjectJson: Buffer.from("{}") })).toMatch(/form/);
    const foreign = { ...(await subject()), resource: { id: newId(), name: "shop" } };
    const subjectJson = Buffer.from(JSON.stringify(foreign));
    expect(await refusedBecause({ subjectJson, digest: approvalDigest(foreign) })).toMatch(/resource/);
    close();
  });

  test("ends as withdrawn when the client went away", async () => {
    const { stream, close } = await connected();
    const ask = await askFor();
    stream.send({ case: "approvalAsk", value: ask });
    await stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    stream.send({ case: "approvalWithdraw", value: { approvalId: ask.approvalId, reason: "gone" } });
    const stored = () => org.data.tx((tx) => tx.approval.findUniqueOrThrow({ where: { id: ask.approvalId } }));
    await expect.poll(async () => (await stored()).status).toBe("withdrawn");
    expect(await decide(ask, "bo")).toMatchObject({ error: { code: "approval.closed" } });
    close();
  });
});

describe("with Redis away", () => {
  test("an enforcer is still told of bundles by looking, keeps its records, and has them stored when Redis is back", async () => {
    const deaf = { ...deps, wakeups: { publish: async () => {}, listen: () => () => {}, close: async () => {} } };
    const dead = openQueues("redis://127.0.0.1:1");
    const consoleOrigin = async () => "http://console.test";
    const identity = { certPem: Buffer.from(server.certPem), keyPem: Buffer.from(server.keyPem) };
    const parts = { db: org.db, deps: deaf, queues: dead, host: "127.0.0.1", port: 0, consoleOrigin };
    const alone = await startControl({ ...parts, ...identity });
    const client = dial(alone.port, server.certPem, me.proof);
    const stream = client.connect();
    hello(stream);
    const { ackedSeq } = await stream.heard("welcome");
    const next = await nextBatch(Number(ackedSeq));
    stream.send({ case: "records", value: next });
    await changeOrg(deaf, org.data, systemActor, async (tx, notes) => {
      await tx.principalGroup.create({ data: { orgId: org.answer.orgId, name: "told-by-looking" } });
      notes.record({ action: "group.add", target: 'Group::"told-by-looking"' });
      notes.rebuild("group");
    });
    const { version } = await org.data.tx((tx) => tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }));
    await stream.heard("bundle", (notice) => notice.version === BigInt(version));
    expect((await row()).ackedSeq).toBe(ackedSeq);
    client.close();
    await alone.close();
    await dead.close().catch(() => undefined); // it never connected
    const again = dial(port, server.certPem, me.proof);
    const second = again.connect();
    hello(second);
    expect((await second.heard("welcome")).ackedSeq).toBe(ackedSeq);
    second.send({ case: "records", value: next });
    await second.heard("recordAck", ({ throughSeq }) => throughSeq === ackedSeq + 1n);
    second.cancel();
    again.close();
  });

  async function nextBatch(after: number) {
    const bytes = Buffer.from(`${canonicalJson(record(after + 1))}\n`);
    return sealed(bytes, after + 1, (await row()).chainHead ?? CHAIN_START);
  }
});

test("a ban ends the stream with the reason, and the enforcer gets nothing any more", async () => {
  const client = dial(port, server.certPem, me.proof);
  const stream = client.connect();
  hello(stream);
  await stream.heard("welcome");
  await banEnforcer(deps, org.data, systemActor, { enforcerId: me.enforcerId, reason: "stolen machine" });
  expect(await stream.heard("ban")).toMatchObject({ reason: "stolen machine" });
  expect(await stream.ended).toMatchObject({ code: status.PERMISSION_DENIED });
  const refused = { code: status.PERMISSION_DENIED };
  await expect(client.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
  await expect(client.call("control", "renew", { csrDer: me.csrDer })).rejects.toMatchObject(refused);
  expect(await client.connect().ended).toMatchObject(refused);
  client.close();
});
