import { configureLogs } from "@sluice/telemetry";
import { beforeAll, expect, test, vi } from "vitest";
import { type Turn, Turns } from "../turns.ts";
import * as encode from "./codec/encode.ts";
import { type MemorySession, memorySession } from "./fixtures/memory-session.ts";
import { bind } from "./fixtures/wire.ts";

const DONE = [encode.frame(0x43, Buffer.from("SELECT 0\0")), encode.readyForQuery(0x49)];
const OPEN = [encode.frame(0x43, Buffer.from("BEGIN\0")), encode.readyForQuery(0x54)];

/** A session that asked a moment ago, while others have all the turns; `others` give theirs back when they end. */
function crowded() {
  const turns = new Turns({ now: () => 0, later: () => undefined, busyShare: () => 1 });
  const memory = memorySession({ turns });
  memory.client.feed(encode.query("ok first"));
  memory.upstream.feed(Buffer.concat(DONE));
  const others: Turn[] = Array.from({ length: 16 }, () => turns.join(() => () => undefined));
  for (const other of others) for (let exchange = 0; exchange < 2; exchange++) other.begin();
  return {
    memory,
    others,
    /** one more that waits, so that a turn is not longer than it may be */
    oneMoreWaits() {
      const more = turns.join(() => () => undefined);
      more.begin();
      expect(more.begin()).toBe(false);
    },
  };
}

const sent = ({ upstream }: MemorySession) =>
  upstream
    .frames()
    .map(({ type }) => type)
    .join("");

beforeAll(() => configureLogs({ level: "silent" }));

test("a session waits for its turn before anything of its statement is judged or sent", () => {
  const { memory, others } = crowded();
  memory.client.feed(encode.query("ok second"));
  expect([sent(memory), memory.judged, memory.session.idle]).toEqual(["Q", ["ok first"], false]);
  others[0]?.end();
  expect([sent(memory), memory.judged]).toEqual(["QQ", ["ok first", "ok second"]]);
  memory.upstream.feed(Buffer.concat(DONE));
  expect(memory.session.idle).toBe(true);
});

test("what comes while it waits is kept in order, and a client that sends more than may wait is not read", () => {
  const { memory, others } = crowded();
  memory.client.feed(encode.query("ok second"));
  memory.client.feed(
    Buffer.concat(Array.from({ length: 20 }, (_, index) => encode.query(`ok ${index} ${"x".repeat(4_000)}`))),
  );
  expect([sent(memory), memory.client.paused]).toEqual(["Q", true]);
  others[3]?.end();
  for (let answered = 0; answered < 21; answered++) memory.upstream.feed(Buffer.concat(DONE));
  expect(memory.judged.map((text) => text.split(" ", 2)[1])).toEqual([
    "first",
    "second",
    ...Array.from({ length: 20 }, (_, index) => String(index)),
  ]);
  expect(memory.client.paused).toBe(false);
});

test("within a transaction nobody waits", () => {
  const { memory, oneMoreWaits, others } = crowded();
  others[0]?.end();
  memory.client.feed(encode.query("ok begin"));
  memory.upstream.feed(Buffer.concat(OPEN));
  oneMoreWaits();
  for (let exchange = 0; exchange < 20; exchange++) {
    memory.client.feed(encode.query("ok within"));
    memory.upstream.feed(Buffer.concat(OPEN));
  }
  expect(sent(memory)).toBe("Q".repeat(22));
});

test("nor within a batch", () => {
  const { memory, oneMoreWaits, others } = crowded();
  others[0]?.end();
  memory.client.feed(Buffer.concat([encode.parse("", "ok batch"), bind("", "")]));
  oneMoreWaits();
  for (let more = 0; more < 9; more++) memory.client.feed(Buffer.concat([bind("", ""), encode.flush()]));
  memory.client.feed(encode.sync());
  expect(sent(memory)).toBe(`QPB${"BH".repeat(9)}S`);
});

test("a cancel reaches a statement that waits for its turn", async () => {
  const { memory } = crowded();
  memory.client.feed(encode.query("ok second"));
  await memory.session.cancel();
  expect([sent(memory), memory.cancels]).toEqual(["QQ", 1]);
});

test("and one that would then wait for an approval", async () => {
  const { memory } = crowded();
  const hold = vi.spyOn(memory.session.gate, "hold");
  memory.client.feed(encode.query("ask second"));
  await memory.session.cancel();
  expect(hold.mock.calls.map(([, , , { signal }]) => signal.aborted)).toEqual([true]);
  expect(sent(memory)).toBe("Q");
});

test("a session that ends while it waits sends nothing", () => {
  const { memory, others } = crowded();
  memory.client.feed(encode.query("ok second"));
  memory.client.destroy();
  for (const other of others) other.end();
  expect([sent(memory), memory.judged]).toEqual(["QX", ["ok first"]]);
});

test("after its turn a session waits again while others do", () => {
  const { memory, oneMoreWaits, others } = crowded();
  others[0]?.end();
  memory.client.feed(encode.query("ok second"));
  memory.upstream.feed(Buffer.concat(DONE));
  oneMoreWaits();
  for (let exchange = 0; exchange < 7; exchange++) {
    memory.client.feed(encode.query("ok more"));
    memory.upstream.feed(Buffer.concat(DONE));
  }
  memory.client.feed(encode.query("ok waits"));
  expect([sent(memory), memory.session.idle]).toEqual(["Q".repeat(9), false]);
});
