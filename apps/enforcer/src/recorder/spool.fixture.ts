import { createPrivateKey, createPublicKey } from "node:crypto";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { CHAIN_START, type ChainBatch, type LedgerEntry, ledgerEntrySchema, verifyChain } from "@sluice/ledger";
import { BatchReader } from "./batch-reader.ts";
import { openSpool } from "./open-spool.ts";
import type { RecordDraft } from "./recorder.ts";
import type { Spool } from "./spool.ts";
import { fileIo } from "./spool-io.ts";
import type { SpoolOptions } from "./spool-options.ts";

// A fixed key, so that a test and the process it kills sign and verify with the same one.
const SEED = Buffer.from(`302e020100300506032b657004220420${"07".repeat(32)}`, "hex");
const signingKey = createPrivateKey({ key: SEED, format: "der", type: "pkcs8" });

export const owner = {
  orgId: "0193a000-0000-7000-8000-000000000001",
  siteId: "0193a000-0000-7000-8000-000000000002",
  enforcerId: "0193a000-0000-7000-8000-000000000003",
};

/** Options for a spool of tests. */
export function spoolOptions(directory: string, changed: Partial<SpoolOptions> = {}): SpoolOptions {
  return { directory, owner, signingKey, bytesMax: 16_777_216, clock: systemClock, io: fileIo, ...changed };
}

/** A spool for tests, opened. */
export function testSpool(directory: string, changed: Partial<SpoolOptions> = {}): Spool {
  return unwrap(openSpool(spoolOptions(directory, changed)));
}

/** An exchange that is allowed and runs. */
export function draft(changed: Partial<RecordDraft> = {}): RecordDraft {
  return {
    kind: "exchange",
    id: newId(),
    atMs: 1_760_000_000_000,
    principals: [{ type: "User", id: "ana", name: "ana" }],
    statement: "SELECT * FROM customers",
    verdict: "allow",
    decisions: [],
    bundleVersion: 1,
    ...changed,
  };
}

/** How an exchange ended well. */
export const ended = {
  verdict: "allow",
  outcome: {
    status: "ok",
    rows: 3,
    bytes: 99,
    maskedCells: { email: 3 },
    durationUs: 1_200,
    decideUs: 12.5,
    tag: "SELECT 3",
  },
} as const;

/** Everything sealed in a spool, verified as a chain from its start. */
export function readSealed(spool: Spool): { readonly batches: ChainBatch[]; readonly entries: LedgerEntry[] } {
  const reader = new BatchReader(fileIo, () => spool.readable());
  const batches: ChainBatch[] = [];
  for (let after = 0; ; ) {
    const batch = reader.next(after);
    if (batch === undefined) break;
    batches.push({ ...owner, ...batch });
    after = batch.lastSeq;
  }
  reader.close();
  const trust = { ...owner, publicKey: createPublicKey(signingKey), after: { head: CHAIN_START, seq: 0 } };
  unwrap(verifyChain(batches, trust));
  const lines = batches.flatMap(({ bytes }) => Buffer.from(bytes).toString().trimEnd().split("\n"));
  return { batches, entries: lines.map((line) => ledgerEntrySchema.parse(JSON.parse(line))) };
}
