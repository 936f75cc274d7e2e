import { configureLogs } from "@sluice/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import type { SealedBatch } from "../recorder/batch-reader.ts";
import { type PackedBatch, RecordShipper } from "./record-shipper.ts";
import { until } from "./test-site.fixture.ts";

configureLogs({ level: "silent" });
let shipper: RecordShipper | undefined;
afterEach(() => shipper?.disconnected());

function batch(firstSeq: number): SealedBatch {
  const empty = Buffer.alloc(32);
  return { firstSeq, lastSeq: firstSeq + 9, previous: empty, head: empty, signature: empty, bytes: Buffer.from("x\n") };
}

/** A spool of `count` batches of ten. */
function start(count: number, options: { ackTimeoutMs?: number; sends?: () => boolean } = {}) {
  const sent: PackedBatch[] = [];
  const acknowledged: number[] = [];
  shipper = new RecordShipper({
    next: (after) => (after < count * 10 ? batch(Math.floor(after / 10) * 10 + 1) : undefined),
    acknowledged: (through) => acknowledged.push(through),
    send: (one) => (options.sends?.() ?? true) && sent.push(one) > 0,
    ...(options.ackTimeoutMs === undefined ? {} : { ackTimeoutMs: options.ackTimeoutMs }),
  });
  return { shipper, sent, acknowledged, firsts: () => sent.map(({ firstSeq }) => firstSeq) };
}

describe("the record shipper", () => {
  it("sends nothing before the control plane says how far it is, then goes on from there", async () => {
    const { shipper: one, firsts } = start(6);
    one.wake();
    expect(firsts()).toEqual([]);
    one.connected(20);
    await until(() => firsts().length === 4, "sent");
    expect(firsts()).toEqual([21, 31, 41, 51]);
  });

  it("keeps four batches on their way and sends the next as one is acknowledged", async () => {
    const { shipper: one, firsts, acknowledged } = start(9);
    one.connected(0);
    await until(() => firsts().length === 4, "four");
    one.acked(20);
    await until(() => firsts().length === 6, "two more");
    expect(acknowledged).toEqual([20]);
    one.acked(10); // an old one changes nothing
    expect(one.ackedSeq).toBe(20);
  });

  it("sends everything unacknowledged again when no acknowledgement comes", async () => {
    const { firsts } = start(2, { ackTimeoutMs: 60 });
    shipper?.connected(0);
    await until(() => firsts().length >= 4, "sent twice");
    expect(firsts().slice(0, 4)).toEqual([1, 11, 1, 11]);
  });

  it("stops at a stream that takes nothing, and sends it at the next connection", async () => {
    let open = false;
    const { shipper: one, firsts } = start(1, { sends: () => open });
    one.connected(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(firsts()).toEqual([]);
    open = true;
    one.connected(0);
    await until(() => firsts().length === 1, "sent");
  });
});
