import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordTicket } from "./recorder.ts";
import { draft, ended, readSealed, testSpool } from "./spool.fixture.ts";
import { fileIo, type SpoolIo } from "./spool-io.ts";

let directory = "";
beforeEach(() => {
  configureLogs({ level: "silent" });
  directory = mkdtempSync(join(tmpdir(), "sluice-disk-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A disk with a switch: full after `room` more bytes (with a short write at the edge), or failing its syncs. */
function faultyDisk() {
  const disk = { room: Number.POSITIVE_INFINITY, syncFails: false };
  const full = () => Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const io: SpoolIo = {
    ...fileIo,
    write: (fd, bytes, offset, length, position) => {
      if (disk.room <= 0) throw full();
      const written = fileIo.write(fd, bytes, offset, Math.min(length, disk.room), position);
      disk.room -= written;
      return written;
    },
    dataSync: (fd, done) => {
      if (disk.syncFails) setImmediate(() => done(Object.assign(new Error("EIO: i/o error"), { code: "EIO" })));
      else fileIo.dataSync(fd, done);
    },
  };
  return { disk, io };
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error("it did not come to hold");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function outcomes(entries: ReturnType<typeof readSealed>["entries"]): number[] {
  return entries.flatMap((entry) => (entry.kind === "outcome" ? [entry.ofSeq] : []));
}

vi.setConfig({ testTimeout: 30_000 });

describe("a spool on a full disk", () => {
  it("refuses, keeps the outcomes of what was running, and goes on without a gap when there is room again", async () => {
    const { disk, io } = faultyDisk();
    const spool = testSpool(directory, { io });
    const before = unwrap(spool.begin(draft()));
    disk.room = 100; // the next record is torn in the middle
    const refused = spool.begin(draft());
    expect(refused.ok ? "" : refused.error.code).toBe("recorder.failed");
    expect(spool.health()).toMatchObject({ ok: false });
    spool.finish(before, ended);
    disk.room = Number.POSITIVE_INFINITY;
    await until(() => spool.health().ok);
    const after = unwrap(spool.begin(draft()));
    spool.finish(after, ended);
    await spool.close();
    const { entries } = readSealed(spool);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(outcomes(entries)).toEqual([before.seq, after.seq]);
  });

  it("leaves a file that the next start reads, when the process ends while the disk is full", async () => {
    const { disk, io } = faultyDisk();
    const spool = testSpool(directory, { io });
    const running = unwrap(spool.begin(draft()));
    disk.room = 10;
    spool.begin(draft());
    await spool.close();
    const again = testSpool(directory);
    await again.close();
    expect(outcomes(readSealed(again).entries)).toEqual([running.seq]);
  });
});

describe("a spool whose disk fails to sync", () => {
  it("rejects who waits for the disk, refuses new records, and brings everything to disk once it works", async () => {
    const { disk, io } = faultyDisk();
    const spool = testSpool(directory, { io });
    disk.syncFails = true;
    const ticket = unwrap(spool.begin(draft()));
    await expect(spool.durable(ticket)).rejects.toThrow("disk failed");
    expect(spool.begin(draft()).ok).toBe(false);
    disk.syncFails = false;
    await until(() => spool.health().ok);
    await spool.durable(ticket);
    spool.finish(ticket, ended);
    await spool.close();
    expect(readSealed(spool).entries).toHaveLength(2);
  });
});

/** A real small file system, where this machine lets us mount one. */
function mountSmall(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", directory], { stdio: "ignore" });
    return true;
  } catch {
    return false; // no right to mount here: the simulated disk above covers it
  }
}

describe("a spool on a real file system that fills up", () => {
  it("refuses instead of losing, and recovers when something else is deleted", async (context) => {
    if (!mountSmall()) return context.skip();
    try {
      const ballast = join(directory, "ballast");
      writeFileSync(ballast, Buffer.alloc(200_000));
      const spool = testSpool(join(directory, "spool"));
      const begun: RecordTicket[] = [];
      for (;;) {
        const result = spool.begin(draft({ statement: "x".repeat(5_000) }));
        if (!result.ok) break;
        begun.push(result.value);
      }
      expect(begun.length).toBeGreaterThan(20);
      rmSync(ballast);
      await until(() => spool.health().ok);
      for (const ticket of begun) spool.finish(ticket, ended);
      await spool.close();
      expect(outcomes(readSealed(spool).entries)).toEqual(begun.map(({ seq }) => seq));
    } finally {
      execFileSync("umount", ["-l", directory]);
    }
  });
});
