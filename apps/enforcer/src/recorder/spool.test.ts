import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FRAME, makeFrame } from "./frame.ts";
import { openSpool } from "./open-spool.ts";
import { RecordForm } from "./record-form.ts";
import { REPEAT_BYTES } from "./repeat.ts";
import { draft, ended, readSealed, spoolOptions, testSpool } from "./spool.fixture.ts";
import type { Spool } from "./spool.ts";

let directory = "";
beforeEach(() => {
  configureLogs({ level: "silent" });
  directory = mkdtempSync(join(tmpdir(), "sluice-spool-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function lastFile(): string {
  return join(directory, readdirSync(directory).sort().at(-1) ?? "");
}

const LONG = `SELECT '"seq":7,"atMs":9 ${"é".repeat(900)}'`;

vi.setConfig({ testTimeout: 30_000 });

describe("the spool", () => {
  it("numbers records and outcomes from 1 without a gap, chained and signed", async () => {
    const spool = testSpool(directory);
    for (let count = 0; count < 700; count++) spool.finish(unwrap(spool.begin(draft())), ended);
    await spool.close();
    const { entries, batches } = readSealed(spool);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_400 }, (_, index) => index + 1));
    expect(batches.every(({ firstSeq, lastSeq }) => lastSeq - firstSeq < 500)).toBe(true);
  });

  it("keeps of a record that repeats another what differs, and gives back its whole line, in this life and the next", async () => {
    const forms = (["allow", "mask"] as const).map((verdict) => new RecordForm(draft({ verdict, statement: LONG })));
    const begin = (spool: Spool, count: number) =>
      unwrap(spool.beginForm(forms[count % 2] ?? expect.fail(), 1_760_000_000_000 + count));
    const first = testSpool(directory);
    const tickets = Array.from({ length: 650 }, (_, count) => begin(first, count));
    for (const ticket of tickets.slice(3)) first.finish(ticket, ended);
    await first.close();
    const bytes = readFileSync(lastFile()).length;
    expect(bytes).toBeLessThan(650 * 600); // 2,000 each if all were whole
    const second = testSpool(directory);
    tickets.push(begin(second, 650), begin(second, 651));
    await second.close();
    const { entries } = readSealed(second);
    const records = entries.filter(({ kind }) => kind === "exchange");
    const begun = tickets.map(({ atMs, id, seq }) => ({ seq, id, atMs, verdict: seq % 2 ? "allow" : "mask" }));
    expect(records.map(({ seq, id, atMs, verdict }) => ({ seq, id, atMs, verdict }))).toEqual(begun);
    expect(records.every((record) => record.kind === "exchange" && record.statement === LONG)).toBe(true);
    const aborted = entries.filter(({ outcome }) => outcome?.status === "aborted");
    expect(aborted.map((entry) => entry.kind === "outcome" && entry.ofSeq)).toEqual([1, 2, 3]);
  });

  it("chains lines of any length, those that are repeated too", async () => {
    const spool = testSpool(directory);
    const forms = [1, 9_000, 66_000].map((length) => new RecordForm(draft({ statement: "é".repeat(length) })));
    for (let count = 0; count < 60; count++) {
      const ticket = unwrap(spool.beginForm(forms[count % 3] ?? expect.fail(), count));
      if (count % 2 === 0) spool.finish(ticket, ended);
    }
    await spool.close();
    const lengths = readSealed(spool).entries.flatMap((entry) => ("statement" in entry ? entry.statement?.length : []));
    expect(lengths).toEqual(Array.from({ length: 60 }, (_, count) => [1, 9_000, 65_536][count % 3]));
  });

  it("goes on after a kill with unsealed repetitions, and refuses one whose first is not in its batch", async () => {
    const form = new RecordForm(draft());
    const spool = testSpool(directory);
    const tickets = Array.from({ length: 5 }, (_, count) => unwrap(spool.beginForm(form, count)));
    const killed = readFileSync(lastFile());
    await spool.close();
    writeFileSync(lastFile(), killed);
    const again = testSpool(directory);
    await again.close();
    const ids = readSealed(again).entries.map(({ id }) => id);
    expect(ids).toEqual([...tickets, ...tickets].map(({ id }) => id));
    const repeated = makeFrame(FRAME.repeat, { seq: again.lastSeq + 1, ofSeq: 1 }, Buffer.alloc(REPEAT_BYTES));
    writeFileSync(lastFile(), Buffer.concat([readFileSync(lastFile()), repeated]));
    const third = testSpool(directory);
    expect(third.lastSeq).toBe(again.lastSeq); // cut off as a torn tail is
    await third.close();
  });

  it("has the record in its file before begin returns", () => {
    const spool = testSpool(directory);
    const ticket = unwrap(spool.begin(draft({ statement: "SELECT 'here'" })));
    expect(readFileSync(lastFile()).includes(`"id":"${ticket.id}"`)).toBe(true);
    return spool.close();
  });

  it("says when a record is on disk", async () => {
    const spool = testSpool(directory);
    const tickets = Array.from({ length: 20 }, () => unwrap(spool.begin(draft())));
    await Promise.all(tickets.map((ticket) => spool.durable(ticket)));
    const { end } = spool.readable().at(-1) ?? {};
    const onDisk = readFileSync(lastFile()).subarray(0, end).toString();
    expect(tickets.every(({ id }) => onDisk.includes(id))).toBe(true);
    await spool.close();
  });

  it("writes an outcome with the next sync, without being asked", async () => {
    const spool = testSpool(directory);
    spool.finish(unwrap(spool.begin(draft())), ended);
    await vi.waitFor(() => expect(readFileSync(lastFile()).includes('"kind":"outcome"')).toBe(true));
    await spool.close();
  });

  it("leaves no room ahead in a file that it closed, and finds its way past room that a killed one left", async () => {
    const spool = testSpool(directory);
    const ticket = unwrap(spool.begin(draft()));
    const killed = readFileSync(lastFile());
    spool.finish(ticket, ended);
    await spool.close();
    const frames = spool.readable().at(-1)?.end ?? 0;
    expect(statSync(lastFile()).size).toBe(frames);
    expect(killed.length).toBeGreaterThan(frames);
    writeFileSync(lastFile(), killed);
    const again = testSpool(directory);
    await again.close();
    expect(readSealed(again).entries.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("goes on with number and chain after a restart, and completes what was running as aborted", async () => {
    const first = testSpool(directory);
    const running = unwrap(first.begin(draft({ verdict: "mask" })));
    first.finish(unwrap(first.begin(draft())), ended);
    await first.close();
    const second = testSpool(directory);
    unwrap(second.begin(draft()));
    await second.close();
    const { entries } = readSealed(second);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(entries[3]).toMatchObject({ kind: "outcome", ofSeq: running.seq, id: running.id, verdict: "mask" });
    expect(entries[3]?.outcome?.status).toBe("aborted");
  });

  it("does not expect an outcome of a record that ended with its decision, nor of a change", async () => {
    const first = testSpool(directory);
    first.begin(draft({ verdict: "deny", outcome: { ...ended.outcome, status: "refused" } }));
    first.begin(draft({ kind: "change" }));
    await first.close();
    const second = testSpool(directory);
    expect(second.lastSeq).toBe(2);
    await second.close();
  });

  it("cuts a torn tail at every possible byte and keeps everything before it", async () => {
    const spool = testSpool(directory);
    const form = new RecordForm(draft({ statement: "S" }));
    for (let count = 0; count < 3; count++) spool.finish(unwrap(spool.beginForm(form, count)), ended);
    await spool.close();
    const path = lastFile();
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 41) {
      writeFileSync(path, whole.subarray(0, length));
      const again = testSpool(directory);
      const ticket = unwrap(again.begin(draft()));
      expect(ticket.seq).toBeLessThanOrEqual(8);
      await again.close();
      expect(readSealed(again).entries.at(-1)?.seq).toBe(again.lastSeq);
    }
  });

  it("refuses to start on damage before the end, and says where", async () => {
    const spool = testSpool(directory, { segmentBytes: 4_096 });
    for (let count = 0; count < 600; count++) spool.finish(unwrap(spool.begin(draft())), ended);
    await spool.close();
    const first = join(directory, readdirSync(directory).sort()[0] ?? "");
    const bytes = readFileSync(first);
    bytes[2_000] = (bytes[2_000] ?? 0) ^ 1;
    writeFileSync(first, bytes);
    const opened = openSpool(spoolOptions(directory));
    expect(opened.ok ? "opened" : opened.error.code).toBe("spool.damaged");
  });

  it("removes whole files only when all in them is acknowledged, and never the last", async () => {
    const spool = testSpool(directory, { segmentBytes: 50_000 });
    for (let count = 0; count < 2_000; count++) spool.finish(unwrap(spool.begin(draft())), ended);
    await spool.durable({ id: "", atMs: 0, seq: spool.lastSeq });
    const before = readdirSync(directory).length;
    expect(before).toBeGreaterThan(2);
    spool.acknowledged(1);
    expect(readdirSync(directory)).toHaveLength(before);
    while (spool.readable().at(-1)?.end === 0) await new Promise((resolve) => setTimeout(resolve, 5)); // a fresh file
    spool.acknowledged(spool.lastSeq);
    expect(readdirSync(directory)).toHaveLength(1);
    await spool.close();
    const again = testSpool(directory);
    expect(unwrap(again.begin(draft())).seq).toBe(4_001);
    await again.close();
  });

  it("refuses new records when it is full, still takes their outcomes, and works again after an acknowledgement", async () => {
    const spool = testSpool(directory, { bytesMax: 262_144, segmentBytes: 32_768 });
    const tickets = [];
    for (;;) {
      const begun = spool.begin(draft({ statement: "x".repeat(2_000) }));
      if (!begun.ok) {
        expect(begun.error.code).toBe("recorder.full");
        break;
      }
      tickets.push(begun.value);
    }
    expect(spool.health().ok).toBe(false);
    for (const ticket of tickets) spool.finish(ticket, ended);
    await new Promise((resolve) => setTimeout(resolve, 80));
    await spool.durable({ id: "", atMs: 0, seq: spool.lastSeq });
    expect(spool.health().spoolBytes).toBeLessThanOrEqual(262_144);
    spool.acknowledged(spool.lastSeq);
    expect(spool.begin(draft()).ok).toBe(true);
    expect(spool.health().ok).toBe(true);
    await spool.close();
  });

  it("refuses a draft that has no JSON form, or is larger than a record may be, and goes on", async () => {
    const spool = testSpool(directory);
    expect(spool.begin(draft({ obligations: { rowsMax: 1n } })).ok).toBe(false);
    expect(spool.begin(draft({ reason: "x".repeat(1_100_000) })).ok).toBe(false);
    expect(unwrap(spool.begin(draft())).seq).toBe(1);
    await spool.close();
    expect(readSealed(spool).entries).toHaveLength(1);
  });

  it("refuses everything after it was closed", async () => {
    const spool = testSpool(directory);
    await spool.close();
    const begun = spool.begin(draft());
    expect(begun.ok ? "" : begun.error.code).toBe("recorder.closed");
  });
});
