import { configureLogs } from "@sluice/telemetry";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { CancelOutcome } from "./adapter.ts";
import * as encode from "./codec/encode.ts";
import { type MemorySession, memorySession } from "./fixtures/memory-session.ts";
import { bind } from "./fixtures/wire.ts";

const READY = encode.readyForQuery(0x49);
const CANCELLED = encode.errorResponse({ S: "ERROR", C: "57014", M: "canceling statement due to user request" });
const done = encode.frame(0x43, Buffer.from("SELECT 0\0"));
const [parsed, bound] = [encode.frame(0x31, Buffer.alloc(0)), encode.frame(0x32, Buffer.alloc(0))];
const feed = ({ upstream }: MemorySession, ...frames: Buffer[]) => upstream.feed(Buffer.concat(frames));
const sent = ({ upstream }: MemorySession) =>
  upstream
    .frames()
    .map(({ type }) => type)
    .join("");

function pendingCancel(memory: MemorySession): (outcome: CancelOutcome) => void {
  let settle: (outcome: CancelOutcome) => void = () => undefined;
  memory.cancelled = new Promise((resolve) => {
    settle = resolve;
  });
  return settle;
}

beforeAll(() => configureLogs({ level: "silent" }));

describe("while a cancel is under way", () => {
  test("no later statement is sent that it could hit, however soon the first one answers", async () => {
    const memory = memorySession();
    const settle = pendingCancel(memory);
    memory.client.feed(encode.query("ok 1"));
    const cancelled = memory.session.cancel();
    feed(memory, done, READY);
    memory.client.feed(encode.query("ok 2"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent(memory)).toBe("Q");
    settle("taken");
    await cancelled;
    expect(sent(memory)).toBe("QQ");
  });

  test("our own reading of settings waits as well", async () => {
    const memory = memorySession();
    const settle = pendingCancel(memory);
    memory.client.feed(encode.query("ok set"));
    const cancelled = memory.session.cancel();
    feed(memory, done, READY);
    expect(sent(memory)).toBe("Q");
    settle("taken");
    await cancelled;
    expect(sent(memory)).toBe("QQ");
    expect(memory.upstream.frames().at(-1)?.body.toString()).toContain("SHOW role");
  });

  test("another request is answered by it", async () => {
    const memory = memorySession();
    const settle = pendingCancel(memory);
    memory.client.feed(encode.query("ok 1"));
    const both = [memory.session.cancel(), memory.session.cancel()];
    settle("taken");
    await Promise.all(both);
    expect(memory.cancels).toBe(1);
  });
});

test("a cancel that is not known to be settled ends the session", async () => {
  const memory = memorySession();
  memory.cancelled = Promise.resolve("unsure");
  memory.client.feed(encode.query("ok 1"));
  await memory.session.cancel();
  expect(memory.client.closed).toBe(true);
  expect(memory.client.frames().at(-1)?.body.toString()).toContain("could hit a later statement");
});

test("a cancel that could not be sent changes nothing", async () => {
  const memory = memorySession();
  memory.cancelled = Promise.resolve("unsent");
  memory.client.feed(encode.query("ok 1"));
  await memory.session.cancel();
  feed(memory, done, READY);
  memory.client.feed(encode.query("ok 2"));
  expect(sent(memory)).toBe("QQ");
});

test("a cancel while nothing of the client's runs asks the upstream nothing", async () => {
  const memory = memorySession();
  await memory.session.cancel();
  memory.client.feed(encode.query("ok set"));
  feed(memory, done, READY);
  await memory.session.cancel();
  expect(memory.cancels).toBe(0);
});

describe("a cancel while a statement is being judged", () => {
  const judgedLater = () => {
    const memory = memorySession();
    const judge = memory.session.gate.judge.bind(memory.session.gate);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    memory.session.gate.judge = (text, view) => released.then(() => judge(text, view));
    return { memory, release };
  };

  test.each([
    ["Query", "", [encode.query("ok 1")]],
    ["Parse", "ES", [encode.parse("", "ok 1"), bind("", ""), encode.execute("", 0), encode.sync()]],
  ])("takes its %s back: it is not sent, and answered as cancelled", async (_what, instead, frames) => {
    const { memory, release } = judgedLater();
    memory.client.feed(Buffer.concat(frames));
    await memory.session.cancel();
    release();
    await vi.waitFor(() => expect(memory.session.stalled).toBe(false));
    expect(memory.cancels).toBe(0);
    expect(sent(memory)).toBe(instead);
    if (instead !== "") feed(memory, CANCELLED, READY);
    const told = memory.client.frames().map(({ body, type }) => (type === "E" ? body.toString() : type));
    expect(told).toEqual([expect.stringContaining("C57014"), "Z"]);
    expect(told[0]).toContain("cancelled before it was judged");
  });

  test("does not take back the next one", async () => {
    const { memory, release } = judgedLater();
    memory.client.feed(encode.query("ok 1"));
    await memory.session.cancel();
    release();
    await vi.waitFor(() => expect(memory.session.stalled).toBe(false));
    memory.client.feed(encode.query("ok 2"));
    await vi.waitFor(() => expect(sent(memory)).toBe("Q"));
  });
});

describe("behind a statement under a time limit", () => {
  test("a pipelined Query waits for its answer, so that the limit cannot stop it instead", async () => {
    const memory = memorySession();
    const settle = pendingCancel(memory);
    memory.client.feed(Buffer.concat([encode.query("ok time 20"), encode.query("ok 2")]));
    expect(sent(memory)).toBe("Q");
    await vi.waitFor(() => expect(memory.cancels).toBe(1));
    feed(memory, done, READY); // it ended by itself while it was being stopped
    expect(sent(memory)).toBe("Q");
    settle("taken");
    await vi.waitFor(() => expect(sent(memory)).toBe("QQ"));
    feed(memory, done, READY);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "ok" }, { status: "ok" }]);
  });

  test("a statement of the same batch waits, and the upstream is asked to answer before Sync", async () => {
    const memory = memorySession();
    const first = [encode.parse("", "ok time 60000"), bind("", ""), encode.execute("", 0)];
    const second = [encode.parse("", "ok 2"), bind("", ""), encode.execute("", 0), encode.sync()];
    memory.client.feed(Buffer.concat([...first, ...second]));
    expect(sent(memory)).toBe("PBEH");
    feed(memory, parsed, bound, done);
    expect(sent(memory)).toBe("PBEHPBES");
    feed(memory, parsed, bound, done, READY);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toHaveLength(2);
  });

  test("its Sync passes, and the next batch waits for ReadyForQuery", () => {
    const memory = memorySession();
    const batch = (text: string) => [encode.parse("", text), bind("", ""), encode.execute("", 0), encode.sync()];
    memory.client.feed(Buffer.concat([...batch("ok time 60000"), ...batch("ok 2")]));
    expect(sent(memory)).toBe("PBES");
    feed(memory, parsed, bound, done, READY);
    expect(sent(memory)).toBe("PBESPBES");
  });

  test("what waits goes on when it fails", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.query("ok time 60000"), encode.query("ok 2")]));
    feed(memory, CANCELLED, READY);
    expect(sent(memory)).toBe("QQ");
  });
});

describe("what runs when its session ends", () => {
  const running = (text: string) => {
    const memory = memorySession();
    memory.client.feed(encode.query(text));
    return memory;
  };

  test("is stopped when the client is lost and it only reads", () => {
    const memory = running("ok 1");
    memory.client.destroy();
    expect(memory.cancels).toBe(1);
  });

  test("ends as it would without us when it writes, or when the client said good-bye", () => {
    const writes = running("ok write");
    writes.client.destroy();
    const terminated = running("ok 1");
    terminated.client.feed(encode.terminate());
    expect([writes.cancels, terminated.cancels]).toEqual([0, 0]);
  });

  test("is stopped whatever it does when the session is ended from outside, and not when nothing runs", () => {
    const revoked = running("ok write");
    revoked.session.close({ kind: "revoked", reason: "the identity was locked" });
    const idle = running("ok 1");
    feed(idle, done, READY);
    idle.session.close({ kind: "revoked", reason: "the identity was locked" });
    expect([revoked.cancels, idle.cancels]).toEqual([1, 0]);
  });

  test("is not asked about when the upstream is the one that went", () => {
    const memory = running("ok 1");
    memory.upstream.destroy();
    expect(memory.cancels).toBe(0);
  });
});
