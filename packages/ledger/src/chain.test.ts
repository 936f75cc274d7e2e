import { generateKeyPairSync } from "node:crypto";
import { unwrap } from "@sluice/kernel";
import { describe, expect, it } from "vitest";
import { approvalDigest } from "./approval-digest.ts";
import { CHAIN_START, chainHead, signHead, verifyHead } from "./chain.ts";
import type { ApprovalSubject, LedgerRecord } from "./record.ts";
import { type ChainBatch, verifyChain } from "./verify-chain.ts";

const ORG = "0193a000-0000-7000-8000-000000000001";
const ENFORCER = "0193a000-0000-7000-8000-000000000002";
const keys = generateKeyPairSync("ed25519");

function record(seq: number): LedgerRecord {
  return {
    v: 1,
    kind: "exchange",
    id: `0193a000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    orgId: ORG,
    enforcerId: ENFORCER,
    seq,
    atMs: 1_760_000_000_000 + seq,
    principals: [{ type: "User", id: "ana", name: "ana" }],
    verdict: "allow",
    decisions: [],
    bundleVersion: 1,
  };
}

function makeBatch(previous: Uint8Array, firstSeq: number, lastSeq: number): ChainBatch {
  let text = "";
  for (let seq = firstSeq; seq <= lastSeq; seq++) text += `${JSON.stringify(record(seq))}\n`;
  const bytes = Buffer.from(text);
  const head = { orgId: ORG, enforcerId: ENFORCER, firstSeq, lastSeq, previous, head: chainHead(previous, bytes) };
  return { ...head, bytes, signature: signHead(head, keys.privateKey) };
}

const first = makeBatch(CHAIN_START, 1, 3);
const second = makeBatch(first.head, 4, 4);
const third = makeBatch(second.head, 5, 9);
const trust = { orgId: ORG, enforcerId: ENFORCER, publicKey: keys.publicKey };

function code(batches: ChainBatch[]): string {
  const result = verifyChain(batches, trust);
  return result.ok ? "holds" : result.error.code;
}

describe("a chain of batches", () => {
  it("holds from its start, and from any known head on", () => {
    expect(unwrap(verifyChain([first, second, third], trust))).toMatchObject({ batches: 3, entries: 9, lastSeq: 9 });
    expect(verifyChain([third], { ...trust, after: { head: second.head, seq: 4 } }).ok).toBe(true);
  });

  it("shows a missing, repeated or reordered batch as a gap", () => {
    expect(code([first, third])).toBe("chain.gap");
    expect(code([first, first])).toBe("chain.gap");
    expect(code([second, first])).toBe("chain.gap");
  });

  it("shows a changed entry, however it is re-hashed, unless the key signs it", () => {
    const bytes = Buffer.from(Buffer.from(second.bytes).toString().replace('"allow"', '"deny"'));
    expect(code([first, { ...second, bytes }])).toBe("chain.wrong_head");
    expect(code([first, { ...second, bytes, head: chainHead(first.head, bytes) }])).toBe("chain.bad_signature");
  });

  it("shows a batch that continues another history", () => {
    expect(code([first, makeBatch(CHAIN_START, 4, 4)])).toBe("chain.broken_link");
  });

  it("shows entries that do not carry the numbers their head claims", () => {
    const bytes = Buffer.from(`${JSON.stringify(record(5))}\n`);
    const head = { ...second, head: chainHead(first.head, bytes) };
    expect(code([first, { ...head, bytes, signature: signHead(head, keys.privateKey) }])).toBe("chain.bad_entries");
  });

  it("binds a signature to org, enforcer and range", () => {
    expect(verifyHead(first, first.signature, keys.publicKey)).toBe(true);
    for (const changed of [{ orgId: ENFORCER }, { enforcerId: ORG }, { firstSeq: 2 }, { lastSeq: 4 }]) {
      expect(verifyHead({ ...first, ...changed }, first.signature, keys.publicKey)).toBe(false);
    }
    expect(verifyHead(first, new Uint8Array(3), keys.publicKey)).toBe(false);
  });

  it("may be signed by a P-256 key as well", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(verifyHead(first, signHead(first, pair.privateKey), pair.publicKey)).toBe(true);
  });
});

describe("approvalDigest", () => {
  const subject: ApprovalSubject = {
    resource: { id: ORG, name: "shop" },
    principals: [{ type: "User", id: "ana", name: "ana" }],
    statement: "UPDATE customers SET city='Lyon' WHERE id=1",
    parameters: [],
    actions: [{ action: "sql.write.update", resource: "shop/public.customers" }],
    facts: undefined,
    sessionId: ENFORCER,
    bundleVersion: 3,
  };

  it("does not depend on the order of keys, nor on having been sent as JSON", () => {
    const sent = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(subject).reverse())));
    expect(approvalDigest(sent)).toBe(approvalDigest(subject));
  });

  it("changes with everything that is asked", () => {
    const digests = [
      subject,
      { ...subject, statement: `${subject.statement} ` },
      { ...subject, parameters: [null] },
      { ...subject, parameters: ["null"] },
      { ...subject, bundleVersion: 4 },
      { ...subject, sessionId: ORG },
      { ...subject, principals: [{ type: "User" as const, id: "bo", name: "bo" }] },
    ].map((one) => approvalDigest(one));
    expect(new Set(digests).size).toBe(digests.length);
  });
});
