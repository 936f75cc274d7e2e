import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSealed, testSpool } from "./spool.fixture.ts";

const child = fileURLToPath(new URL("./spool-crash.fixture.ts", import.meta.url));
const tooSlow = 30_000;
let directory = "";

beforeEach(() => {
  configureLogs({ level: "silent" });
  directory = mkdtempSync(join(tmpdir(), "sluice-crash-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Lets a real process write, kills it with SIGKILL in the middle, gives what it had been promised. */
function writeUntilKilled(lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const writer: ChildProcess = spawn(process.execPath, [child, directory], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    writer.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (said.split("\n").length > lines) writer.kill("SIGKILL");
    });
    writer.on("error", reject);
    writer.on("close", () =>
      resolve(
        said
          .split("\n")
          .slice(0, -1)
          .filter((line) => /^(begin|finish) /.test(line)),
      ),
    );
  });
}

describe("the spool of a process killed with SIGKILL", () => {
  it(
    "holds every record that begin returned for and every finish of a while ago, once, without a gap, chained, over three lives",
    async () => {
      const promised: string[] = [];
      for (const lines of [150, 700, 90]) promised.push(...(await writeUntilKilled(lines)));
      const spool = testSpool(directory);
      await spool.close();
      const { entries } = readSealed(spool);
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: entries.length }, (_, index) => index + 1));
      const begun = new Set(entries.map((entry) => (entry.kind === "outcome" ? "" : `${entry.seq} ${entry.id}`)));
      const done = new Map(
        entries.flatMap((entry) => (entry.kind === "outcome" ? [[entry.ofSeq, entry.outcome.status]] : [])),
      );
      for (const line of promised) {
        const [verb, seq, id] = line.split(" ");
        expect(begun).toContain(`${seq} ${id}`);
        if (verb === "finish") expect(done.get(Number(seq))).toBe("ok");
      }
      expect(done.size).toBe(begun.size - 1); // each record has exactly one outcome, running ones as aborted
    },
    tooSlow,
  );
});
