import { createHash, generateKeyPairSync } from "node:crypto";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { CHAIN_START, verifyChain } from "@sluice/ledger";
import { configureLogs } from "@sluice/telemetry";
import { BatchReader } from "../../apps/enforcer/src/recorder/batch-reader.ts";
import { openSpool } from "../../apps/enforcer/src/recorder/open-spool.ts";
import type { RecordDraft } from "../../apps/enforcer/src/recorder/recorder.ts";
import type { Spool } from "../../apps/enforcer/src/recorder/spool.ts";
import { fileIo } from "../../apps/enforcer/src/recorder/spool-io.ts";
import { percentile, type Report } from "./figures.ts";

const EXCHANGES = 40_000;
/** Exchanges between two turns of the event loop: what one burst of a busy connection brings. */
const PER_TURN = 50;
const owner = { orgId: newId(), siteId: newId(), enforcerId: newId() };
const keys = generateKeyPairSync("ed25519");

// Frozen deeply, as the pipeline hands its cached parts in.
const shared = {
  principals: Object.freeze([
    Object.freeze({ type: "Agent" as const, id: "copilot", name: "copilot" }),
    Object.freeze({ type: "User" as const, id: "ana", name: "ana" }),
  ]),
  facts: Object.freeze({
    command: "SELECT",
    reads: Object.freeze(["public.customers"]),
    writes: Object.freeze([]),
    functions: Object.freeze([]),
    classes: Object.freeze(["email", "phone"]),
    flags: Object.freeze([]),
  }),
};

function draft(): RecordDraft {
  return {
    kind: "exchange",
    id: newId(),
    atMs: Date.now(),
    sessionId: owner.siteId,
    principals: [...shared.principals],
    resource: { id: owner.siteId, name: "shop", kind: "postgres" },
    statement: "SELECT id, name, email, phone FROM customers WHERE city = $1 ORDER BY id LIMIT 50",
    verdict: "mask",
    decisions: [
      {
        action: "sql.read.select",
        resource: { type: "Table", id: "shop/public.customers" },
        verdict: "allow",
        policies: ["p"],
      },
    ],
    bundleVersion: 7,
  };
}

const done = {
  verdict: "mask",
  outcome: {
    status: "ok",
    rows: 50,
    bytes: 4_096,
    maskedCells: { email: 50, phone: 50 },
    durationUs: 850,
    decideUs: 3,
  },
} as const;

function open(directory: string): Spool {
  const options = {
    directory,
    owner,
    signingKey: keys.privateKey,
    bytesMax: 1_073_741_824,
    clock: systemClock,
    io: fileIo,
  };
  return unwrap(openSpool(options));
}

/** `npm run bench -- ledger`: what recording costs an exchange (two entries each), and how fast a chain is checked. */
export async function run(report: Report): Promise<void> {
  configureLogs({ level: "error" });
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-ledger-"));
  try {
    const spool = open(join(directory, "spool"));
    await writeExchanges(spool, 2_000);
    await measureWriting(report, spool, directory);
    await measureDurable(report, spool, directory);
    await spool.close();
    measureVerifying(report, spool);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function writeExchanges(spool: Spool, count: number, samples?: Float64Array): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const one = draft();
    const startMs = performance.now();
    const ticket = unwrap(spool.begin(one));
    if (samples !== undefined) samples[at] = (performance.now() - startMs) * 1_000;
    spool.finish(ticket, done);
    if (at % PER_TURN === 0) await nextTurn();
  }
}

async function measureWriting(report: Report, spool: Spool, directory: string): Promise<void> {
  const samples = new Float64Array(EXCHANGES);
  const startMs = performance.now();
  await writeExchanges(spool, EXCHANGES, samples);
  await spool.durable({ id: "", seq: spool.lastSeq, atMs: 0 });
  const perSecond = (EXCHANGES * 2 * 1_000) / (performance.now() - startMs);
  const plainPerSecond = await plainEntries(directory);
  const context = { exchanges: EXCHANGES, entriesPerExchange: 2, bytes: spool.health().spoolBytes, plainPerSecond };
  report({ name: "ledger.entries_per_s", value: Math.round(perSecond), unit: "1/s", better: "higher", context });
  report({ name: "ledger.begin_us.p50", value: percentile(samples, 0.5), unit: "us", better: "lower", context });
  report({ name: "ledger.begin_us.p99", value: percentile(samples, 0.99), unit: "us", better: "lower", context });
}

/** The obvious way beside it: JSON.stringify, a hash chained entry by entry, one write each, no sync at all. */
async function plainEntries(directory: string): Promise<number> {
  const fd = openSync(join(directory, "plain"), "w");
  let head: Uint8Array = CHAIN_START;
  const startMs = performance.now();
  for (let at = 0; at < EXCHANGES; at += 1) {
    for (const entry of [draft(), { id: owner.orgId, ...done }]) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      head = createHash("sha256").update(head).update(line).digest();
      writeSync(fd, Buffer.concat([line, head]));
    }
    if (at % PER_TURN === 0) await nextTurn();
  }
  closeSync(fd);
  return Math.round((EXCHANGES * 2 * 1_000) / (performance.now() - startMs));
}

/** Sixteen strict sessions wait for the disk at once; beside it, one write and one sync each, alone. */
async function measureDurable(report: Report, spool: Spool, directory: string): Promise<void> {
  const sessions = 16;
  const rounds = 100;
  const samples = new Float64Array(sessions * rounds);
  const session = async (at: number) => {
    for (let round = 0; round < rounds; round += 1) {
      const startMs = performance.now();
      const ticket = unwrap(spool.begin(draft()));
      await spool.durable(ticket);
      samples[at * rounds + round] = performance.now() - startMs;
      spool.finish(ticket, done);
    }
  };
  await Promise.all(Array.from({ length: sessions }, (_, at) => session(at)));
  const context = { sessions, oneSyncMs: oneSync(join(directory, "alone")) };
  report({ name: "ledger.durable_ms.p50", value: percentile(samples, 0.5), unit: "ms", better: "lower", context });
  report({ name: "ledger.durable_ms.p99", value: percentile(samples, 0.99), unit: "ms", better: "lower", context });
}

function oneSync(path: string): number {
  const fd = openSync(path, "w");
  const samples = new Float64Array(100);
  for (let at = 0; at < samples.length; at += 1) {
    const startMs = performance.now();
    writeSync(fd, Buffer.alloc(800));
    fdatasyncSync(fd);
    samples[at] = performance.now() - startMs;
  }
  closeSync(fd);
  return percentile(samples, 0.5);
}

function measureVerifying(report: Report, spool: Spool): void {
  const reader = new BatchReader(fileIo, () => spool.readable());
  const batches = [];
  for (let batch = reader.next(0); batch !== undefined; batch = reader.next(batch.lastSeq))
    batches.push({ ...owner, ...batch });
  reader.close();
  const startMs = performance.now();
  const trust = { ...owner, publicKey: keys.publicKey, after: { head: CHAIN_START, seq: 0 } };
  const { entries } = unwrap(verifyChain(batches, trust));
  const value = Math.round((entries * 1_000) / (performance.now() - startMs));
  const context = { batches: batches.length, entries };
  report({ name: "ledger.verify_entries_per_s", value, unit: "1/s", better: "higher", context });
}
