import { expect, test } from "vitest";
import { type FormNumbers, RecordForm } from "./record-form.ts";
import { recordId } from "./record-id.ts";
import { expandRepeat, REPEAT_BYTES, readRepeat, writeRepeat } from "./repeat.ts";
import { draft, owner } from "./spool.fixture.ts";

const form = new RecordForm(draft({ statement: `'"id":"x","seq":1' é`, sessionId: "s" }));
const ID = "0193a000-0000-7000-8000-00000000000";

function line(record: FormNumbers): Buffer {
  const bytes = Buffer.alloc(form.bytesMax(owner));
  return bytes.subarray(0, form.write(bytes, 0, owner, record));
}

test("a repetition stands for exactly the line that it replaced, however many digits its numbers have", () => {
  const firsts = [
    { recordId: recordId(`${ID}1`), atMs: 0, seq: 1 },
    { recordId: recordId(`${ID}2`), atMs: 1_760_000_000_000, seq: 99_999 },
  ];
  const nexts = [
    { recordId: recordId(`${ID}3`), atMs: 9, seq: 10 },
    { recordId: recordId(`${ID}4`), atMs: 2 ** 48 - 1, seq: Number.MAX_SAFE_INTEGER },
  ];
  for (const first of firsts)
    for (const next of nexts) {
      const payload = Buffer.alloc(REPEAT_BYTES);
      expect(writeRepeat(payload, 0, form.layout(owner, first), next)).toBe(REPEAT_BYTES);
      expect(expandRepeat(line(first), payload, next.seq)?.toString()).toBe(line(next).toString());
      const { atMs, recordId: read } = readRepeat(payload, 0);
      expect([atMs, read.text]).toEqual([next.atMs, next.recordId.text]);
    }
});

test("a payload that does not fit the line it names stands for nothing", () => {
  const first = { recordId: recordId(`${ID}1`), atMs: 5, seq: 1 };
  const payload = Buffer.alloc(REPEAT_BYTES);
  writeRepeat(payload, 0, form.layout(owner, first), first);
  expect(expandRepeat(line(first).subarray(0, 20), payload, 2)).toBeUndefined();
  expect(expandRepeat(line(first), payload.subarray(1), 2)).toBeUndefined();
  expect(expandRepeat(line(first), Buffer.alloc(REPEAT_BYTES, 0xff), 2)).toBeUndefined();
});
