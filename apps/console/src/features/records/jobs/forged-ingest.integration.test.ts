import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { type JobRunner, openQueues, type Queues, runJobs } from "@sluice/jobs";
import { canonicalJson, newId } from "@sluice/kernel";
import { CHAIN_START, chainHead, type LedgerEntry, type LedgerRecord, signHead } from "@sluice/ledger";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { ingestHandler } from "./ingest.handler.ts";
import { ingestJob } from "./ingest.job.ts";

interface Enforcer {
  readonly org: TestOrg;
  readonly id: string;
  readonly key: KeyObject;
}

let ours: TestOrg;
let theirs: TestOrg;
let queues: Queues;
let runner: JobRunner;
let redis: Redis;

beforeAll(async () => {
  ours = await openTestOrg();
  theirs = await openTestOrg();
  queues = openQueues(inject("redisUrl"));
  redis = new Redis(inject("redisUrl"));
  runner = runJobs(inject("redisUrl"), [ingestHandler(ours.db, ours.deps)]);
});
afterAll(async () => {
  await runner.close();
  await queues.close();
  redis.disconnect();
  await ours[Symbol.asyncDispose]();
  await theirs[Symbol.asyncDispose]();
});

async function anEnforcer(org: TestOrg): Promise<Enforcer> {
  const { privateKey: key, publicKey } = generateKeyPairSync("ed25519");
  const id = newId();
  const { orgId, siteId } = org.answer;
  await org.data.tx(async (tx) => {
    await tx.enforcer.create({ data: { id, orgId, siteId, name: `e-${id}` } });
    const der = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
    const [notBefore, notAfter] = [new Date(), new Date(Date.now() + 3_600_000)];
    const data = { orgId, enforcerId: id, serial: newId(), publicKey: der, notBefore, notAfter };
    await tx.enforcerCertificate.create({ data });
  });
  return { org, id, key };
}

const record = ({ org, id }: Enforcer, seq: number, statement = "SELECT 1"): LedgerRecord => ({
  v: 1,
  kind: "exchange",
  id: newId(),
  orgId: org.answer.orgId,
  siteId: org.answer.siteId,
  enforcerId: id,
  seq,
  atMs: 1_800_000_000_000 + seq,
  principals: [{ type: "User", id: "ana", name: "Ana" }],
  statement,
  verdict: "allow",
  decisions: [],
  bundleVersion: 1,
});

type Payload = Parameters<typeof queues.enqueue<typeof ingestJob.schema>>[1];

function seal(from: Enforcer, entries: readonly LedgerEntry[], previous: Uint8Array = CHAIN_START): Payload {
  const bytes = Buffer.from(entries.map((entry) => `${canonicalJson(entry)}\n`).join(""));
  const base64 = (value: Uint8Array) => Buffer.from(value).toString("base64");
  const [firstSeq, lastSeq] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0];
  const owner = { orgId: from.org.answer.orgId, enforcerId: from.id };
  const link = { ...owner, firstSeq, lastSeq, previous, head: chainHead(previous, bytes) };
  return {
    ...owner,
    firstSeq,
    lastSeq,
    payloadZstd: base64(zstdCompressSync(bytes)),
    head: base64(link.head),
    signature: base64(signHead(link, from.key)),
    previous: base64(previous),
  };
}

/** Puts a job into the queue as somebody could who writes to Redis, and waits until it has ended, one way or another. */
async function run(payload: Payload): Promise<void> {
  const id = randomUUID();
  await queues.enqueue(ingestJob, payload, { id });
  await expect.poll(() => redis.exists(`sluice:${ingestJob.name}:${id}`), { timeout: 20_000 }).toBe(0);
}

const stored = ({ org, id }: Enforcer) =>
  org.data.tx(async (tx) => ({
    records: await tx.record.findMany({ where: { enforcerId: id }, orderBy: { seq: "asc" } }),
    heads: await tx.chainHead.count({ where: { enforcerId: id } }),
    acked: (await tx.enforcer.findUniqueOrThrow({ where: { id } })).ackedSeq,
  }));
const everything = (org: TestOrg) =>
  org.data.tx(async (tx) => ({ records: await tx.record.count(), heads: await tx.chainHead.count() }));

test("a batch of ours under another org's or another enforcer's name is stored nowhere", async () => {
  const [mine, neighbour, foreign] = [await anEnforcer(ours), await anEnforcer(ours), await anEnforcer(theirs)];
  const before = [await everything(ours), await everything(theirs)];
  const batch = seal(mine, [record(mine, 1)]);
  const named = (owner: Enforcer) => ({ orgId: owner.org.answer.orgId, enforcerId: owner.id });
  await run({ ...batch, ...named(foreign) });
  await run({ ...batch, ...named(neighbour) });
  await run({ ...batch, orgId: theirs.answer.orgId });
  await run({ ...batch, orgId: randomUUID() });
  // as if it were theirs from the first byte, but signed by the only key that we have
  await run(seal({ ...foreign, key: mine.key }, [record(foreign, 1)]));
  await run(seal({ ...neighbour, key: mine.key }, [record(neighbour, 1)]));
  expect([await everything(ours), await everything(theirs)]).toEqual(before);
  for (const enforcer of [mine, neighbour, foreign]) expect((await stored(enforcer)).acked).toBe(0n);
});

test("altered, shifted, oversized and garbled batches are not stored, show on the enforcer, and the true one still is", async () => {
  const me = await anEnforcer(ours);
  const batch = seal(me, [record(me, 1)]);
  const stranger = { ...me, key: generateKeyPairSync("ed25519").privateKey };
  const altered = seal(stranger, [record(me, 1, "SELECT 2")]);
  const bomb = zstdCompressSync(Buffer.alloc(256 * 1_048_576)).toString("base64");
  const forged: Payload[] = [
    { ...batch, payloadZstd: altered.payloadZstd },
    { ...altered, signature: batch.signature },
    altered,
    { ...batch, firstSeq: 2, lastSeq: 2 },
    { ...batch, firstSeq: 9, lastSeq: 1 },
    { ...batch, lastSeq: Number.MAX_SAFE_INTEGER },
    { ...batch, payloadZstd: bomb },
    { ...batch, payloadZstd: "", head: "", signature: "", previous: "" },
    { ...batch, signature: "AAAA".repeat(250_000), previous: "AAAA".repeat(250_000) },
  ];
  for (const payload of forged) await run(payload);
  expect(await stored(me)).toEqual({ records: [], heads: 0, acked: 0n });
  const row = await ours.data.tx((tx) => tx.enforcer.findUniqueOrThrow({ where: { id: me.id } }));
  expect(row.recordsRefusedReason).toMatch(/are not taken/);
  await run(batch);
  expect(await stored(me)).toMatchObject({ heads: 1, acked: 1n, records: [{ statement: "SELECT 1" }] });
});

test("a batch that is replayed changes nothing, alone or with what came after it", async () => {
  const me = await anEnforcer(ours);
  const first = seal(me, [record(me, 1)]);
  const second = seal(me, [record(me, 2, "SELECT 'two'")], Buffer.from(first.head, "base64"));
  await run(first);
  await run(second);
  const before = await stored(me);
  expect(before).toMatchObject({ heads: 2, acked: 2n });
  await run(first);
  await run(second);
  await run({ ...first, lastSeq: 3 });
  expect(await stored(me)).toEqual(before);
});

test("an enforcer completes no record but its own", async () => {
  const [mine, other] = [await anEnforcer(ours), await anEnforcer(ours)];
  const asked = record(mine, 1);
  await run(seal(mine, [asked]));
  const { orgId } = ours.answer;
  const outcome: LedgerEntry = {
    v: 1,
    kind: "outcome",
    id: newId(),
    orgId,
    enforcerId: other.id,
    seq: 1,
    ofSeq: 1,
    ofAtMs: asked.atMs,
    atMs: asked.atMs + 1,
    verdict: "deny",
    outcome: { status: "ok", rows: 0, bytes: 0, maskedCells: {}, durationUs: 1, decideUs: 1 },
  };
  await run(seal(other, [outcome]));
  expect((await stored(other)).acked).toBe(1n);
  expect((await stored(mine)).records).toMatchObject([{ verdict: "allow", outcomeSeq: null }]);
});
