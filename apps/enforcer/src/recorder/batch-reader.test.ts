import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BatchReader } from "./batch-reader.ts";
import { draft, readSealed, testSpool } from "./spool.fixture.ts";
import { fileIo } from "./spool-io.ts";

vi.setConfig({ testTimeout: 30_000 });
let directory = "";
beforeEach(() => {
  configureLogs({ level: "silent" });
  directory = mkdtempSync(join(tmpdir(), "sluice-reader-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the batch reader", () => {
  it("gives every batch after any number, across files, and the same batch when asked again", async () => {
    const spool = testSpool(directory, { segmentBytes: 100_000 });
    for (let count = 0; count < 2_600; count += 1) unwrap(spool.begin(draft()));
    await spool.close();
    const { batches } = readSealed(spool);
    expect(spool.readable().length).toBeGreaterThan(2);
    const reader = new BatchReader(fileIo, () => spool.readable());
    for (const after of [0, 2_599, 700, 499, 500, 501, 0, 1_300]) {
      const expected = batches.find(({ lastSeq }) => lastSeq > after);
      expect(reader.next(after)?.firstSeq).toBe(expected?.firstSeq);
      expect(reader.next(after)?.head).toEqual(expected?.head);
    }
    expect(reader.next(spool.lastSeq)).toBeUndefined();
    reader.close();
  });

  it("reads a batch that is larger than its window", async () => {
    const spool = testSpool(directory);
    for (let count = 0; count < 30; count += 1) unwrap(spool.begin(draft({ statement: "é".repeat(50_000) })));
    await spool.close();
    expect(readSealed(spool).entries).toHaveLength(30);
    expect(readSealed(spool).batches.some(({ bytes }) => bytes.length > 1_000_000)).toBe(true);
  });

  it("gives nothing that is not on disk yet, then gives it", async () => {
    const spool = testSpool(directory);
    spool.sealEvery(0);
    const reader = new BatchReader(fileIo, () => spool.readable());
    unwrap(spool.begin(draft()));
    expect(reader.next(0)).toBeUndefined();
    const synced = new Promise<void>((resolve) => spool.onSynced(resolve));
    await synced;
    expect(reader.next(0)?.lastSeq).toBe(1);
    reader.close();
    await spool.close();
  });
});
