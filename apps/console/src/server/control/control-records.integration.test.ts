import { zstdCompressSync } from "node:zlib";
import { openQueues } from "@sluice/jobs";
import { canonicalJson, newId } from "@sluice/kernel";
import { CHAIN_START, chainHead, type LedgerRecord, signHead } from "@sluice/ledger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeOrg } from "../../features/bundles/index.ts";
import { systemActor } from "../../features/records/index.ts";
import { type ControlWorld, hello, openControl } from "./control.fixture.ts";
import { startControl } from "./start-control.ts";
import { dial } from "./test-enforcer.ts";

let world: ControlWorld;
beforeAll(async () => {
  world = await openControl();
}, 60_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const record = (seq: number): LedgerRecord => ({
  v: 1,
  kind: "session",
  id: newId(),
  orgId: world.org.answer.orgId,
  enforcerId: world.me.enforcerId,
  seq,
  atMs: Date.now(),
  principals: [{ type: "User", id: "ana", name: "Ana" }],
  verdict: "allow",
  decisions: [],
  bundleVersion: 1,
});
const sealed = (bytes: Buffer, seq: number, previous: Uint8Array) => {
  const head = chainHead(previous, bytes);
  const link = {
    orgId: world.org.answer.orgId,
    enforcerId: world.me.enforcerId,
    firstSeq: seq,
    lastSeq: seq,
    previous,
    head,
  };
  const chainSignature = signHead(link, world.me.key);
  const value = { firstSeq: BigInt(seq), lastSeq: BigInt(seq), payloadZstd: zstdCompressSync(bytes) };
  return { ...value, chainHead: head, chainSignature, previousHead: previous };
};

describe("records", () => {
  const batch = (seq: number, previous: Uint8Array) =>
    sealed(Buffer.from(`${canonicalJson(record(seq))}\n`), seq, previous);

  test("are acknowledged when Postgres has them, and only then; sent again they are acknowledged again", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    await stream.heard("welcome");
    const first = batch(1, CHAIN_START);
    stream.send({ case: "records", value: first });
    await stream.heard("recordAck", ({ throughSeq }) => throughSeq === 1n);
    const count = () => world.org.data.tx((tx) => tx.record.count({ where: { enforcerId: world.me.enforcerId } }));
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
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    expect((await stream.heard("welcome")).ackedSeq).toBe(3n);
    stream.send({ case: "records", value: batch(4, CHAIN_START) });
    const third = Buffer.from((await world.row()).chainHead ?? []);
    await expect
      .poll(async () => (await world.row()).recordsRefusedReason, { timeout: 8_000 })
      .toMatch(/Records 4 to 4/);
    expect((await world.row()).recordsRefusedAt).toBeInstanceOf(Date);
    expect(await world.row()).toMatchObject({ ackedSeq: 3n, refusedReason: null, refusedCode: null });
    // a bundle that is applied says nothing of records; one that fits is taken, and it is over
    const status = { version: 1n, digest: "d".repeat(64), applied: true };
    stream.send({ case: "bundleStatus", value: status });
    await expect.poll(async () => (await world.row()).appliedDigest).toBe(status.digest);
    expect((await world.row()).recordsRefusedReason).toMatch(/Records 4 to 4/);
    stream.send({ case: "records", value: batch(4, third) });
    await stream.heard("recordAck", ({ throughSeq }) => throughSeq === 4n);
    expect(await world.row()).toMatchObject({ ackedSeq: 4n, recordsRefusedReason: null, recordsRefusedAt: null });
    stream.cancel();
    client.close();
  });
});

describe("with Redis away", () => {
  test("an enforcer is still told of bundles by looking, keeps its records, and has them stored when Redis is back", async () => {
    const deaf = { ...world.deps, wakeups: { publish: async () => {}, listen: () => () => {}, close: async () => {} } };
    const dead = openQueues("redis://127.0.0.1:1");
    const consoleOrigin = async () => "http://console.test";
    const identity = { certPem: Buffer.from(world.server.certPem), keyPem: Buffer.from(world.server.keyPem) };
    const parts = { db: world.org.db, deps: deaf, queues: dead, host: "127.0.0.1", port: 0, consoleOrigin };
    const alone = await startControl({ ...parts, ...identity });
    const client = dial(alone.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    const { ackedSeq } = await stream.heard("welcome");
    const next = await nextBatch(Number(ackedSeq));
    stream.send({ case: "records", value: next });
    await changeOrg(deaf, world.org.data, systemActor, async (tx, notes) => {
      await tx.principalGroup.create({ data: { orgId: world.org.answer.orgId, name: "told-by-looking" } });
      notes.record({ action: "group.add", target: 'Group::"told-by-looking"' });
      notes.rebuild("group");
    });
    const { version } = await world.org.data.tx((tx) => tx.bundle.findFirstOrThrow({ orderBy: { version: "desc" } }));
    await stream.heard("bundle", (notice) => notice.version === BigInt(version));
    expect((await world.row()).ackedSeq).toBe(ackedSeq);
    client.close();
    await alone.close();
    await dead.close().catch(() => undefined); // it never connected
    const again = dial(world.port, world.server.certPem, world.me.proof);
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
    return sealed(bytes, after + 1, (await world.row()).chainHead ?? CHAIN_START);
  }
});
