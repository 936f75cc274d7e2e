import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GroupCommit } from "./group-commit.ts";
import { Segment } from "./segment.ts";
import { fileIo, type SpoolIo } from "./spool-io.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A disk whose syncs take so long, and how long each entry waited until one that began after it was over. */
function disk(syncMs: () => number) {
  let syncs = 0;
  let written = 0;
  const waiting: { readonly seq: number; readonly sinceMs: number }[] = [];
  const waitedMs: number[] = [];
  const io: SpoolIo = {
    ...fileIo,
    dataSync: (_, done) => {
      syncs++;
      const covers = written;
      setTimeout(() => {
        const nowMs = performance.now();
        while (waiting[0] && waiting[0].seq <= covers) waitedMs.push(nowMs - (waiting.shift()?.sinceMs ?? 0));
        done(null);
      }, syncMs());
    },
  };
  const segment = new Segment(io, { path: "", firstSeq: 1, fd: -1, end: 0 });
  const commit = new GroupCommit(io, segment, {
    failed: (error) => expect.fail(error.message),
    begins: () => undefined,
  });
  return {
    waitedMs,
    get syncs() {
      return syncs;
    },
    async write(entries: number, everyMs: number) {
      for (let count = 0; count < entries; count++) {
        segment.end++;
        waiting.push({ seq: ++written, sinceMs: performance.now() });
        commit.touch(written, false);
        await vi.advanceTimersByTimeAsync(everyMs);
      }
      await vi.advanceTimersByTimeAsync(100);
    },
  };
}

test("what nobody waits for is on disk within ten milliseconds, on a fast disk and on a slow one", async () => {
  for (const syncMs of [0.4, 1, 2, 4]) {
    const one = disk(() => syncMs);
    await one.write(20, 0.7); // the first sync shows how slow the disk is
    one.waitedMs.length = 0;
    await one.write(400, 0.7);
    expect(one.waitedMs).toHaveLength(400);
    expect(Math.max(...one.waitedMs)).toBeLessThanOrEqual(10);
  }
});

test("a fast disk is asked less often than a slow one needs", async () => {
  const counts = [];
  for (const syncMs of [0.4, 4]) {
    const one = disk(() => syncMs);
    await one.write(400, 1);
    counts.push(one.syncs);
  }
  expect(counts[0]).toBeLessThan(60);
  expect(counts[1]).toBeGreaterThan(counts[0] ?? 0);
});

test("one slow sync makes the next ones come sooner, for a while", async () => {
  let slow = 1;
  const one = disk(() => (slow-- > 0 ? 4 : 0.4));
  await one.write(100, 1);
  const hurried = one.syncs;
  await one.write(1_000, 1);
  const before = one.syncs;
  await one.write(100, 1);
  expect(one.syncs - before).toBeLessThan(hurried);
});
