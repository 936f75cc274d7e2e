import { configureLogs } from "@sluice/telemetry";
import { beforeAll, describe, expect, test, vi } from "vitest";
import * as encode from "./codec/encode.ts";
import { type MemorySession, memorySession } from "./fixtures/memory-session.ts";
import { bind } from "./fixtures/wire.ts";

const ROW = encode.frame(0x44, Buffer.from([0, 1, 0, 0, 0, 1, 0x41]));
const WIDE = encode.frame(0x44, Buffer.alloc(9_000));
const FIELDS = encode.frame(0x54, Buffer.from([0, 0]));
const READY = encode.readyForQuery(0x49);
const CANCELLED = encode.errorResponse({ S: "ERROR", C: "57014", M: "canceling statement due to user request" });
const done = (rows: number) => encode.frame(0x43, Buffer.from(`SELECT ${rows}\0`));
const rows = (count: number, row = ROW) => Array.from({ length: count }, () => row);
const feed = ({ upstream }: MemorySession, ...frames: Buffer[]) => upstream.feed(Buffer.concat(frames));
const types = ({ client }: MemorySession) =>
  client
    .frames()
    .map(({ type }) => type)
    .join("");
const text = ({ client }: MemorySession, type: string) =>
  client
    .frames()
    .filter((frame) => frame.type === type)
    .map(({ body }) => body.toString())
    .join("");

beforeAll(() => configureLogs({ level: "silent" }));

describe("an answer under a limit", () => {
  test("of bytes ends after its last whole row, with a notice and an honest count", async () => {
    const memory = memorySession();
    memory.client.feed(encode.query(`ok bytes ${ROW.length * 3 + 1}`));
    feed(memory, FIELDS, ...rows(5), done(5), READY);
    expect(types(memory)).toBe("TDDDNCZ");
    expect(text(memory, "C")).toBe("SELECT 3\0");
    expect(text(memory, "N")).toContain("cut off after 3 rows: policy allows 37 bytes");
    expect(memory.cancels).toBe(0);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "ok", rows: 3, bytes: ROW.length * 3 }]);
  });

  test("that it just meets passes whole", () => {
    const memory = memorySession();
    memory.client.feed(encode.query(`ok bytes ${ROW.length * 2} rows 2`));
    feed(memory, FIELDS, ...rows(2), done(2), READY);
    expect(types(memory)).toBe("TDDCZ");
  });

  test("of bytes counts masked rows as they leave: where it cuts tells nothing of a hidden value's length", async () => {
    for (const row of [ROW, WIDE]) {
      const memory = memorySession();
      memory.client.feed(encode.query("ok mask bytes 15"));
      feed(memory, FIELDS, ...rows(5, row), done(5), READY);
      expect(types(memory)).toBe("TDDNCZ");
      await Promise.resolve(); // outcomes are told after the answer
      expect(memory.outcomes).toMatchObject([{ rows: 2, bytes: 14 }]);
    }
  });

  test("of a portal that is read in pieces says at the page where the limit is that it gives no more", () => {
    const memory = memorySession();
    const suspended = encode.frame(0x73, Buffer.alloc(0));
    memory.client.feed(
      Buffer.concat([encode.parse("", "ok rows 3"), bind("p", ""), encode.execute("p", 2), encode.flush()]),
    );
    feed(memory, encode.frame(0x31, Buffer.alloc(0)), encode.frame(0x32, Buffer.alloc(0)), ...rows(2), suspended);
    memory.client.feed(Buffer.concat([encode.execute("p", 2), encode.flush()]));
    feed(memory, ...rows(2), suspended);
    expect(types(memory)).toBe("12DDsDNs");
    expect(text(memory, "N")).toContain("cut off after 3 rows: policy allows 3 rows");
    memory.client.feed(Buffer.concat([encode.execute("p", 2), encode.sync()]));
    feed(memory, ...rows(1), done(1), READY);
    expect(types(memory)).toBe("12DDsDNsCZ");
    expect(text(memory, "C")).toBe("SELECT 3\0");
    expect(memory.permits).toBe(1);
  });

  test("of a statement that writes still says how much it changed", () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok rows 1"));
    feed(memory, FIELDS, ...rows(3), encode.frame(0x43, Buffer.from("INSERT 0 3\0")), READY);
    expect(types(memory)).toBe("TDNCZ");
    expect(text(memory, "C")).toBe("INSERT 0 3\0");
  });

  test("stays cut: a small row after the one that was too large does not pass", () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok bytes 100"));
    feed(memory, FIELDS, ROW, WIDE, ROW, done(3), READY);
    expect(types(memory)).toBe("TDNCZ");
  });

  test("has its upstream stopped when much is left, and ends as if it had been cut there", async () => {
    const memory = memorySession();
    memory.client.feed(
      Buffer.concat([encode.parse("", "ok rows 1"), bind("", ""), encode.execute("", 0), encode.sync()]),
    );
    feed(memory, encode.frame(0x31, Buffer.alloc(0)), encode.frame(0x32, Buffer.alloc(0)), ...rows(40, WIDE));
    expect(memory.cancels).toBe(1);
    memory.client.feed(encode.query("ok next"));
    await new Promise((resolve) => setImmediate(resolve));
    feed(memory, CANCELLED, READY);
    expect(types(memory)).toBe("12DNCZ");
    expect(text(memory, "C")).toBe("SELECT 1\0");
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "ok", rows: 1 }]);
    expect(memory.upstream.frames().at(-1)?.body.toString()).toBe("ok next\0");
  });

  test.each([
    ["in a transaction", [encode.query("ok rows 1")], 0x54],
    ["with another behind it", [encode.query("ok rows 1"), encode.query("ok 2")], 0x49],
    [
      "after another of its batch",
      [encode.query("ok"), encode.parse("", "ok 1"), bind("", ""), encode.execute("", 0), encode.query("ok rows 1")],
      0x49,
    ],
  ])("is read to its end %s: stopping it would undo more than it says", (what, asked, status) => {
    const memory = memorySession();
    if (status !== 0x49) {
      memory.client.feed(encode.query("ok begin"));
      feed(memory, done(0), encode.readyForQuery(status));
    }
    memory.client.feed(Buffer.concat(asked));
    if (what.startsWith("after")) {
      feed(memory, done(0), READY, encode.frame(0x31, Buffer.alloc(0)), encode.frame(0x32, Buffer.alloc(0)), done(0));
    }
    feed(memory, FIELDS, ...rows(40, WIDE), done(40));
    expect(memory.cancels).toBe(0);
    expect(text(memory, "N")).toContain("cut off after");
  });
});

describe("a COPY from the client under a limit", () => {
  const copyIn = (...messages: string[]) => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok copy in rows 2 bytes 40"));
    feed(memory, encode.frame(0x47, Buffer.from([0, 0, 0])));
    for (const message of messages) memory.client.feed(encode.frame(0x64, Buffer.from(message)));
    memory.client.feed(encode.frame(0x63, Buffer.alloc(0)));
    const sent = memory.upstream.frames().map(({ type }) => type);
    return { memory, sent: sent.join("") };
  };

  test("that it just meets passes whole", async () => {
    const { memory, sent } = copyIn("1\n2", "\n");
    expect(sent).toBe("Qddc");
    feed(memory, encode.frame(0x43, Buffer.from("COPY 2\0")), READY);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "ok", rows: 2, bytes: 14, limit: undefined }]);
  });

  test.each([
    ["rows", ["1\n2\n", "3"], "Qdf"],
    ["rows, in its first message", ["1\n2\n3\n"], "Qf"],
    ["bytes", ["1\n", "x".repeat(40)], "Qdf"],
  ])("of %s fails it before what is too much is sent", async (what, messages, expected) => {
    const { memory, sent } = copyIn(...messages);
    expect(sent).toBe(expected);
    feed(memory, CANCELLED, READY);
    const limit = what.slice(0, 4) === "rows" ? "rows" : "bytes";
    expect(text(memory, "E")).toMatch(
      new RegExp(`54000.*Sluice: limit\\.${limit}: the COPY was ended and nothing of it kept`, "s"),
    );
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "error", limit: expect.stringContaining(`limit.${limit}: `) }]);
    memory.client.feed(encode.query("ok 2"));
    expect(memory.upstream.frames().at(-1)?.type).toBe("Q");
  });
});

describe("a statement under a time limit", () => {
  test("is stopped with 57014 that names the limit, and the session goes on", async () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok time 20"));
    await vi.waitFor(() => expect(memory.cancels).toBe(1));
    feed(memory, CANCELLED, READY);
    expect(types(memory)).toBe("EZ");
    expect(text(memory, "E")).toMatch(/57014.*Sluice: limit\.time: .*time limit of 20 ms/s);
    memory.client.feed(encode.query("ok 2"));
    await vi.waitFor(() => expect(memory.upstream.frames().at(-1)?.body.toString()).toBe("ok 2\0"));
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "error", error: "57014" }]);
  });

  test("that ends in time is not stopped, nor is what follows", async () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok time 20"));
    feed(memory, FIELDS, done(0), READY);
    memory.client.feed(encode.query("ok 2"));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(memory.cancels).toBe(0);
  });

  test("is stopped in its turn, not in place of the one before it", async () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.query("ok 1"), encode.query("ok time 20")]));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(memory.cancels).toBe(0);
    feed(memory, done(0), READY);
    expect(memory.cancels).toBe(1);
  });

  test("that does not stop ends its session", async () => {
    vi.useFakeTimers();
    const memory = memorySession();
    memory.client.feed(encode.query("ok time 20"));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(memory.cancels).toBe(6); // once more as its session ends
    expect(memory.client.closed).toBe(true);
    expect(text(memory, "E")).toContain("did not stop");
    vi.useRealTimers();
  });

  test("is stopped while it is planned, though nothing of it was executed", async () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ok time 20"), bind("", ""), encode.sync()]));
    feed(memory, encode.frame(0x31, Buffer.alloc(0)));
    await vi.waitFor(() => expect(memory.cancels).toBe(1));
    feed(memory, CANCELLED, READY);
    expect(types(memory)).toBe("1EZ");
    expect(text(memory, "E")).toMatch(/57014.*Sluice: limit\.time: .*time limit of 20 ms/s);
    memory.client.feed(encode.query("ok 2"));
    await vi.waitFor(() => expect(memory.upstream.frames().at(-1)?.body.toString()).toBe("ok 2\0"));
  });

  test("does not wait for its own steps, but what comes after its batch does until they are answered", () => {
    const memory = memorySession();
    const batch = [encode.parse("", "ok time 1000"), bind("", ""), encode.describe("P", ""), encode.sync()];
    memory.client.feed(Buffer.concat([...batch, encode.query("ok next")]));
    const sent = () => memory.upstream.frames().map(({ type }) => type);
    expect(sent().filter((type) => type !== "H")).toEqual(["P", "B", "D", "S"]);
    const answers = [0x31, 0x32, 0x6e].map((type) => encode.frame(type, Buffer.alloc(0)));
    feed(memory, ...answers);
    expect(sent().at(-1)).toBe("Q");
  });

  test("of a step that was answered stops nothing that comes later", async () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ok time 20"), encode.sync()]));
    feed(memory, encode.frame(0x31, Buffer.alloc(0)), READY);
    memory.client.feed(encode.query("ok long"));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(memory.cancels).toBe(0);
  });

  test("that waits for COPY data is ended by CopyFail, and what its client still sends of it is dropped", async () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok copy in time 20"));
    feed(memory, encode.frame(0x47, Buffer.from([0, 0, 0])));
    memory.client.feed(encode.frame(0x64, Buffer.from("1\n")));
    await vi.waitFor(() => expect(memory.upstream.frames().at(-1)?.type).toBe("f"));
    expect(memory.cancels).toBe(0);
    memory.client.feed(Buffer.concat([encode.frame(0x64, Buffer.from("2\n")), encode.frame(0x63, Buffer.alloc(0))]));
    feed(memory, CANCELLED, READY);
    expect(
      memory.upstream
        .frames()
        .map(({ type }) => type)
        .join(""),
    ).toBe("Qdf");
    expect(text(memory, "E")).toMatch(/57014.*Sluice: limit\.time/s);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([
      { status: "error", limit: "limit.time: policy sets a time limit of 20 ms" },
    ]);
  });

  test("gives no more rows of a portal whose time is over", async () => {
    const memory = memorySession();
    memory.client.feed(
      Buffer.concat([encode.parse("", "ok time 20"), bind("p", ""), encode.execute("p", 1), encode.flush()]),
    );
    feed(memory, encode.frame(0x31, Buffer.alloc(0)), encode.frame(0x32, Buffer.alloc(0)), ROW);
    feed(memory, encode.frame(0x73, Buffer.alloc(0)));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(memory.cancels).toBe(0);
    memory.client.feed(Buffer.concat([encode.execute("p", 1), encode.sync()]));
    feed(memory, encode.errorResponse({ S: "ERROR", C: "34000", M: "no such portal" }), READY);
    expect(text(memory, "E")).toMatch(/57014.*Sluice: limit\.time/s);
  });
});
