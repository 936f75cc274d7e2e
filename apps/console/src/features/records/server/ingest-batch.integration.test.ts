import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { canonicalJson, newId } from "@sluice/kernel";
import { CHAIN_START, chainHead, type LedgerEntry, signHead } from "@sluice/ledger";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { type IncomingBatch, ingestBatch } from "./ingest-batch.ts";
import { noteRefusedRecords } from "./note-refused-records.ts";

let org: TestOrg;
let enforcerId: string;
let key: KeyObject;
beforeAll(async () => {
  org = await openTestOrg();
});
afterAll(async () => {
  await org?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const pair = generateKeyPairSync("ed25519");
  key = pair.privateKey;
  const { orgId, siteId } = org.answer;
  enforcerId = newId();
  await org.data.tx(async (tx) => {
    await tx.enforcer.create({ data: { id: enforcerId, orgId, siteId, name: `e-${enforcerId}` } });
    await certify(tx, pair.publicKey);
  });
});

async function certify(tx: Parameters<Parameters<typeof org.data.tx>[0]>[0], publicKey: KeyObject): Promise<void> {
  const der = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  const [notBefore, notAfter] = [new Date(), new Date(Date.now() + 3_600_000)];
  const { orgId } = org.answer;
  await tx.enforcerCertificate.create({
    data: { orgId, enforcerId, serial: newId(), publicKey: der, notBefore, notAfter },
  });
}

const at = Date.now();
const intent = (seq: number, statement = "SELECT 1"): LedgerEntry => ({
  v: 1,
  kind: "exchange",
  id: newId(),
  orgId: org.answer.orgId,
  siteId: org.answer.siteId,
  enforcerId,
  seq,
  atMs: at + seq,
  principals: [
    { type: "Agent", id: "copilot", name: "Copilot" },
    { type: "User", id: "ana", name: "Ana" },
  ],
  statement,
  verdict: "allow",
  decisions: [
    { action: "sql.read.select", resource: { type: "Table", id: "shop/public.t" }, verdict: "allow", policies: ["p"] },
  ],
  bundleVersion: 1,
});
const outcome = (seq: number, ofSeq: number): LedgerEntry => ({
  v: 1,
  kind: "outcome",
  id: newId(),
  orgId: org.answer.orgId,
  enforcerId,
  seq,
  ofSeq,
  ofAtMs: at + ofSeq,
  atMs: at + seq,
  verdict: "mask",
  outcome: { status: "ok", rows: 3, bytes: 99, maskedCells: { email: 2, phone: 1 }, durationUs: 5, decideUs: 1.5 },
});

function seal(entries: readonly LedgerEntry[], previous: Uint8Array = CHAIN_START, signer = key): IncomingBatch {
  const bytes = Buffer.from(entries.map((entry) => `${canonicalJson(entry)}\n`).join(""));
  const [firstSeq, lastSeq] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0];
  const link = { orgId: org.answer.orgId, enforcerId, firstSeq, lastSeq, previous, head: chainHead(previous, bytes) };
  return { ...link, payloadZstd: zstdCompressSync(bytes), signature: signHead(link, signer) };
}
const ingest = async (batch: IncomingBatch) => {
  const result = await ingestBatch(org.db, batch);
  return result.ok ? result.value : result.error.code;
};
const rows = () => org.data.tx((tx) => tx.record.findMany({ where: { enforcerId }, orderBy: { seq: "asc" } }));
const enforcer = () => org.data.tx((tx) => tx.enforcer.findUniqueOrThrow({ where: { id: enforcerId } }));

describe("ingesting a batch", () => {
  test("stores each record once, however often and however many at a time it comes", async () => {
    const batch = seal([intent(1), intent(2)]);
    const all = await Promise.all([ingest(batch), ingest(batch), ingest(batch)]);
    expect(all.filter((one) => typeof one === "object" && !one.repeated).length).toBe(1);
    expect(await ingest(batch)).toEqual({ ackedSeq: 2, repeated: true });
    expect((await rows()).map(({ seq }) => Number(seq))).toEqual([1, 2]);
    expect((await enforcer()).ackedSeq).toBe(2n);
  });

  test("completes a record when its outcome comes, in the same batch or a later one", async () => {
    const first = seal([intent(1), intent(2), outcome(3, 1)]);
    expect(await ingest(first)).toEqual({ ackedSeq: 3, repeated: false });
    expect(await rows()).toMatchObject([
      { status: "ok", verdict: "mask", rows: 3n, maskedCells: 3n, outcomeSeq: 3n, onBehalfOf: "ana" },
      { status: "running", outcomeSeq: null },
    ]);
    await ingest(seal([outcome(4, 2)], first.head));
    expect((await rows())[1]).toMatchObject({ status: "ok", outcomeSeq: 4n });
  });

  test("takes batches in order only: one that comes too early waits", async () => {
    const first = seal([intent(1)]);
    const second = seal([outcome(2, 1)], first.head);
    expect(await ingest(second)).toBe("ingest.gap");
    expect(await rows()).toEqual([]);
    await ingest(first);
    expect(await ingest(second)).toEqual({ ackedSeq: 2, repeated: false });
    expect((await rows())[0]).toMatchObject({ status: "ok" });
  });

  test("refuses a batch that does not continue the chain, and one that another key signed", async () => {
    const first = seal([intent(1)]);
    await ingest(first);
    expect(await ingest(seal([intent(2)], CHAIN_START))).toBe("ingest.refused");
    const stranger = generateKeyPairSync("ed25519").privateKey;
    expect(await ingest(seal([intent(2)], first.head, stranger))).toBe("ingest.refused");
    expect((await enforcer()).ackedSeq).toBe(1n);
  });

  test("refuses entries of another org or enforcer, changed bytes, and what is not a batch", async () => {
    const foreign = { ...intent(1), orgId: newId() };
    expect(await ingest(seal([foreign]))).toBe("ingest.refused");
    const changed = { ...seal([intent(1)]), payloadZstd: seal([intent(1, "SELECT 2")]).payloadZstd };
    expect(await ingest(changed)).toBe("ingest.refused");
    expect(await ingest({ ...seal([intent(1)]), payloadZstd: Buffer.from("not zstd") })).toBe("ingest.refused");
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1_048_576));
    expect(await ingest({ ...seal([intent(1)]), payloadZstd: bomb })).toBe("ingest.refused");
    expect(await rows()).toEqual([]);
  });

  test("that was refused shows on the enforcer until one fits, but not when it was committed already or the enforcer is banned", async () => {
    const note = (lastSeq: number, at: number) =>
      org.data.tx((tx) => noteRefusedRecords(tx, { enforcerId, firstSeq: 1, lastSeq, reason: "odd." }, new Date(at)));
    await note(1, 1_000);
    await note(2, 2_000);
    const shown = { recordsRefusedReason: "Records 1 to 2 are not taken: odd.", recordsRefusedAt: new Date(1_000) };
    expect(await enforcer()).toMatchObject(shown);
    await ingest(seal([intent(1)]));
    const nothing = { recordsRefusedReason: null, recordsRefusedAt: null };
    expect(await enforcer()).toMatchObject(nothing);
    await note(1, 3_000);
    expect(await enforcer()).toMatchObject(nothing);
    const ban = { status: "banned", refusedReason: "taken over" };
    await org.data.tx((tx) => tx.enforcer.update({ where: { id: enforcerId }, data: ban }));
    await note(2, 4_000);
    expect(await enforcer()).toMatchObject({ ...nothing, ...ban });
  });

  test("stores a statement that Postgres could not hold, and keeps its exact bytes", async () => {
    const statement = "SELECT '\u0000'; DROP TABLE t";
    const batch = seal([intent(1, statement)]);
    expect(await ingest(batch)).toMatchObject({ ackedSeq: 1 });
    expect((await rows())[0]?.statement).toBe("SELECT '\ufffd'; DROP TABLE t");
    const [head] = await org.data.tx((tx) => tx.chainHead.findMany({ where: { enforcerId } }));
    expect(Buffer.from(head?.payload ?? []).equals(batch.payloadZstd)).toBe(true);
  });

  test("accepts the enforcer's older key as long as the org certified it", async () => {
    const renewed = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await org.data.tx((tx) => certify(tx, renewed.publicKey));
    const first = seal([intent(1)]);
    expect(await ingest(first)).toMatchObject({ ackedSeq: 1 });
    expect(await ingest(seal([intent(2)], first.head, renewed.privateKey))).toMatchObject({ ackedSeq: 2 });
  });
});
