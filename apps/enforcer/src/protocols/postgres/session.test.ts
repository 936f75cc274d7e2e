import { configureLogs } from "@sluice/telemetry";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import * as encode from "./codec/encode.ts";
import { type MemorySession, memorySession } from "./fixtures/memory-session.ts";
import { bind } from "./fixtures/wire.ts";

const ONE = encode.frame(0x31, Buffer.alloc(0));
const TWO = encode.frame(0x32, Buffer.alloc(0));
const ROW = encode.frame(0x44, Buffer.from([0, 1, 0, 0, 0, 1, 0x41]));
const DONE = encode.frame(0x43, Buffer.from("SELECT 1\0"));
const READY = encode.readyForQuery(0x49);
const FIELDS = encode.frame(0x54, Buffer.from([0, 0]));
const COPY_DATA = encode.frame(0x64, Buffer.from("1"));
const COPY_DONE = encode.frame(0x63, Buffer.alloc(0));
const COPY_IN = encode.frame(0x47, Buffer.from([0, 0, 0]));
const ERROR = encode.errorResponse({ S: "ERROR", C: "42601", M: "syntax", D: "secret detail" });
const CLOSED = encode.frame(0x33, Buffer.alloc(0));
const setting = (value: string) =>
  encode.frame(0x44, Buffer.concat([Buffer.from([0, 1, 0, 0, 0, value.length]), Buffer.from(value)]));
/** The answer to one of our own questions in a batch. */
const settings = (value: string) => Buffer.concat([ONE, TWO, setting(value), DONE, CLOSED, CLOSED]);
const extended = (text: string) => [encode.parse("", text), bind("", ""), encode.execute("", 0)];

beforeAll(() => configureLogs({ level: "silent" }));

const types = (frames: { readonly type: string }[]) => frames.map(({ type }) => type).join("");
const toClient = ({ client }: MemorySession) => types(client.frames());
const toUpstream = ({ upstream }: MemorySession) => types(upstream.frames());

describe("a session towards its client", () => {
  test("forwards what is allowed with one permit each, and answers what is refused", async () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok 1"));
    memory.upstream.feed(Buffer.concat([FIELDS, ROW, DONE, READY]));
    memory.client.feed(encode.query("no 1"));
    expect(toUpstream(memory)).toBe("Q");
    expect(toClient(memory)).toBe("TDCZEZ");
    expect(memory.permits).toBe(1);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "ok", rows: 1, tag: "SELECT 1" }]);
  });

  test("puts a message that must fail in the place of a refused one while something is owed", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.query("ok 1"), encode.query("no 1")]));
    expect(memory.upstream.frames().map(({ body }) => body.toString())).toEqual(["ok 1\0", "refused by Sluice\0"]);
    memory.upstream.feed(Buffer.concat([FIELDS, DONE, READY, ERROR, READY]));
    expect(toClient(memory)).toBe("TCZEZ");
    expect(memory.client.frames()[3]?.body.toString()).toContain("Sluice: test: not ok");
  });

  test("discards the rest of a batch after a refusal, up to Sync", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([...extended("ok 1"), ...extended("no"), ...extended("ok 2"), encode.sync()]));
    expect(toUpstream(memory)).toBe("PBEES");
    memory.upstream.feed(Buffer.concat([ONE, TWO, DONE, ERROR, READY]));
    expect(toClient(memory)).toBe("12CEZ");
    expect(memory.judged).toEqual(["ok 1", "no"]);
  });

  test("handles nothing while a statement is held, then exactly what was held", async () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.query("ask 1"), encode.query("ok after")]));
    expect(toUpstream(memory)).toBe("");
    expect(toClient(memory)).toBe("N");
    memory.client.feed(Buffer.concat(Array.from({ length: 15_000 }, () => encode.sync())));
    expect(memory.client.paused).toBe(true);
    memory.approve?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(memory.upstream.frames()[0]?.body.toString()).toBe("ask 1\0");
  });

  async function boundAndApproved(): Promise<MemorySession> {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ask 1"), bind("p", ""), encode.flush()]));
    memory.approve?.();
    await new Promise((resolve) => setImmediate(resolve));
    memory.upstream.feed(Buffer.concat([ONE, TWO]));
    return memory;
  }

  test("executes an approved portal once, and not again", async () => {
    const memory = await boundAndApproved();
    memory.client.feed(Buffer.concat([encode.execute("p", 0), encode.flush()]));
    memory.upstream.feed(DONE);
    memory.client.feed(Buffer.concat([encode.execute("p", 0), encode.sync()]));
    expect(toUpstream(memory)).toBe("PHBHEHES");
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    expect(
      memory.client
        .frames()
        .find(({ type }) => type === "E")
        ?.body.toString(),
    ).toContain("was used already");
    expect(memory.permits).toBe(1);
  });

  test("does not execute an approved portal whose approval has ended meanwhile, and closes its record", async () => {
    const memory = await boundAndApproved();
    memory.approvalOver = true;
    memory.client.feed(Buffer.concat([encode.execute("p", 0), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    expect(
      memory.client
        .frames()
        .find(({ type }) => type === "E")
        ?.body.toString(),
    ).toContain("could be used is over");
    expect(memory.permits).toBe(0);
    await Promise.resolve(); // outcomes are told after the answer
    expect(memory.outcomes).toMatchObject([{ status: "aborted" }]);
  });

  test("goes on with an approved portal that began in time", async () => {
    const memory = await boundAndApproved();
    memory.client.feed(Buffer.concat([encode.execute("p", 1), encode.flush()]));
    memory.upstream.feed(Buffer.concat([ROW, encode.frame(0x73, Buffer.alloc(0))]));
    memory.approvalOver = true;
    memory.client.feed(Buffer.concat([encode.execute("p", 1), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ROW, DONE, READY]));
    expect(toClient(memory)).toBe("N12DsDCZ");
  });

  test("reads settings back in the middle of a batch before it judges what follows a change of them", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([...extended("ok set"), ...extended("ok 1"), encode.sync()]));
    const asked = "PBECC".repeat(5);
    expect(toUpstream(memory)).toBe(`PBE${asked}H`);
    expect(memory.judged).toEqual(["ok set"]);
    const values = ["none", "app", "other", "off", "SJIS"].map(settings);
    memory.upstream.feed(Buffer.concat([ONE, TWO, DONE, ...values.slice(0, 4)]));
    expect(memory.judged).toEqual(["ok set"]);
    memory.upstream.feed(Buffer.concat(values.slice(4)));
    expect(memory.judged).toEqual(["ok set", "ok 1"]);
    expect(memory.session.talk.settings).toMatchObject({
      searchPath: "other",
      standardConformingStrings: false,
      clientEncoding: "SJIS",
    });
    expect(toUpstream(memory)).toBe(`PBE${asked}HPBES`);
    memory.upstream.feed(Buffer.concat([ONE, TWO, ROW, DONE, READY]));
    expect(toClient(memory)).toBe("12C12DCZ");
    // the batch might have been rolled back
    expect(memory.upstream.frames().at(-1)?.body.toString()).toContain("SHOW search_path");
  });

  test("executes no unnamed portal whose place a Query took: what a failed one leaves there brings the server down", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ok 1"), bind("", ""), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ONE, TWO, encode.readyForQuery(0x54)]));
    memory.client.feed(encode.query("ok 2"));
    memory.upstream.feed(Buffer.concat([ERROR, encode.readyForQuery(0x45)]));
    memory.client.feed(Buffer.concat([encode.execute("", 1), encode.sync()]));
    expect(memory.upstream.frames().at(-2)?.body.toString()).toMatch(/^refused by Sluice/);
    memory.upstream.feed(Buffer.concat([ERROR, encode.readyForQuery(0x45)]));
    expect(toClient(memory)).toBe("12ZEZEZ");
    expect(memory.permits).toBe(1);
  });

  test("lets go of a batch that failed before its settings could be read", () => {
    const memory = memorySession();
    memory.client.feed(
      Buffer.concat([...extended("ok set"), ...extended("ok 1"), encode.sync(), encode.query("ok 2")]),
    );
    memory.upstream.feed(Buffer.concat([ONE, TWO, ERROR]));
    expect(memory.judged).toEqual(["ok set"]);
    memory.upstream.feed(READY);
    expect(toClient(memory)).toBe("12EZ");
    expect(memory.upstream.frames().at(-1)?.body.toString()).toContain("SHOW role");
    const values = ["none", "app", "public", "on", "UTF8"];
    const shown = values.map((value) => Buffer.concat([FIELDS, setting(value), DONE]));
    memory.upstream.feed(Buffer.concat([...shown, READY]));
    expect(memory.judged).toEqual(["ok set", "ok 2"]);
  });

  test("prepares again what the upstream may have skipped, so that a name never stands for another statement", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("s", "ok 1"), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ONE, READY]));
    const again = [encode.parse("s", "ok 2"), encode.sync(), bind("", "s"), encode.execute("", 0), encode.sync()];
    memory.client.feed(Buffer.concat(again));
    expect(toUpstream(memory)).toBe("PSPSCPBES");
    expect(memory.upstream.frames()[5]?.body.toString()).toContain("ok 2");
    memory.upstream.feed(
      Buffer.concat([ERROR, READY, encode.frame(0x33, Buffer.alloc(0)), ONE, TWO, ROW, DONE, READY]),
    );
    memory.client.feed(Buffer.concat([bind("", "s"), encode.execute("", 0), encode.sync()]));
    expect(memory.judged.at(-1)).toBe("ok 2");
    expect(toUpstream(memory)).toBe("PSPSCPBESBES");
  });

  test("executes no portal across a Sync before the upstream has it", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ok 1"), bind("p", ""), encode.sync()]));
    memory.client.feed(Buffer.concat([encode.execute("p", 0), encode.sync()]));
    expect(memory.permits).toBe(0);
    expect(memory.upstream.frames()[3]?.body.toString()).toContain("refused by Sluice");
  });

  test("knows a prepared statement only after the upstream accepted it", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("s", "ok 1"), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    memory.client.feed(Buffer.concat([bind("", "s"), encode.execute("", 0), encode.sync()]));
    expect(toUpstream(memory)).toBe("PSES");
    expect(memory.permits).toBe(0);
  });

  test("keeps the older statement of a name when the upstream skips the newer", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("s", "ok mask"), encode.sync()]));
    memory.upstream.feed(Buffer.concat([ONE, READY]));
    memory.client.feed(
      Buffer.concat([
        encode.parse("", "ok fails"),
        encode.close("S", "s"),
        encode.parse("s", "ok plain"),
        encode.sync(),
      ]),
    );
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    memory.client.feed(Buffer.concat([bind("", "s"), encode.execute("", 0), encode.sync()]));
    memory.upstream.feed(Buffer.concat([TWO, FIELDS, ROW, DONE, READY]));
    const rows = memory.client.frames().filter(({ type }) => type === "D");
    expect(rows.map(({ body }) => body.length)).toEqual([2]); // the masker's blank row
  });

  test("stops the client at COPY FROM STDIN until the upstream asks for data", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.query("ok copy in"), encode.query("ok next")]));
    expect(toUpstream(memory)).toBe("Q");
    memory.upstream.feed(COPY_IN);
    expect(memory.client.closed).toBe(true); // a Query inside of COPY is not legal
  });

  test("waits for the COPY that it stopped for, whatever is answered before it", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([...extended("ok 1"), encode.sync()]));
    memory.client.feed(Buffer.concat([encode.query("ok copy in"), COPY_DATA, COPY_DONE]));
    memory.upstream.feed(Buffer.concat([ONE, TWO, DONE, READY]));
    expect(toUpstream(memory)).toBe("PBESQ");
    memory.upstream.feed(COPY_IN);
    expect(toUpstream(memory)).toBe("PBESQdc");
  });

  test("forgets what was held when an earlier message of its batch fails, as the upstream skips it", async () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([...extended("ok 1"), ...extended("ask 1"), encode.sync()]));
    expect(toUpstream(memory)).toBe("PBEPH");
    memory.upstream.feed(Buffer.concat([ONE, TWO, ERROR]));
    memory.approve?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(toUpstream(memory)).toBe("PBEPHS");
    expect(memory.permits).toBe(1);
    memory.upstream.feed(READY);
    expect(toClient(memory)).toBe("N12EZ");
    expect(memory.outcomes.map(({ status }) => status)).toEqual(["error", "aborted"]);
  });

  test("reads on to Sync when what would settle the session is skipped", () => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat([encode.parse("", "ok 1"), encode.query("ok set"), ...extended("ok 2")]));
    memory.client.feed(encode.sync());
    expect(toUpstream(memory)).toBe("PQ");
    memory.upstream.feed(ERROR);
    expect(toUpstream(memory)).toBe("PQS");
    memory.upstream.feed(READY);
    expect(memory.upstream.frames().at(-1)?.body.toString()).toContain("SHOW role");
  });

  test("owes its client at most ten thousand answers: beyond them its messages wait", () => {
    const memory = memorySession();
    const syncs = Buffer.concat(Array.from({ length: 25_000 }, () => encode.sync()));
    memory.client.feed(syncs);
    expect(memory.session.talk.pending.size).toBe(10_000);
    expect(memory.client.paused).toBe(true);
    const readies = Buffer.concat(Array.from({ length: 5_000 }, () => READY));
    memory.upstream.feed(readies);
    expect(memory.session.talk.pending.size).toBe(10_000);
    for (let rounds = 0; rounds < 4; rounds++) memory.upstream.feed(readies);
    expect(toUpstream(memory)).toBe("S".repeat(25_000));
    expect(toClient(memory)).toBe("Z".repeat(25_000));
    expect(memory.client.paused).toBe(false);
  });

  test("keeps names and texts of prepared statements up to 16 MB, then refuses more until some are closed", () => {
    const memory = memorySession();
    const prepare = (at: number): string => {
      memory.upstream.written.length = 0;
      memory.client.written.length = 0;
      memory.client.feed(Buffer.concat([encode.parse(`${at}`.padEnd(4_000, "n"), "ok 1"), encode.sync()]));
      memory.upstream.feed(Buffer.concat([toUpstream(memory) === "PS" ? ONE : ERROR, READY]));
      return toClient(memory);
    };
    const answers = Array.from({ length: 2_200 }, (_one, at) => prepare(at));
    expect(answers.indexOf("EZ")).toBe(Math.floor(8_388_608 / 4_004));
    expect(memory.client.frames()[0]?.body.toString()).toContain("C54000");
    memory.client.feed(Buffer.concat([encode.close("S", "0".padEnd(4_000, "n")), encode.sync()]));
    memory.upstream.feed(Buffer.concat([encode.frame(0x33, Buffer.alloc(0)), READY]));
    expect(prepare(3_000)).toBe("1Z");
  });

  test("stops reading from a side whose other side is full, and goes on when it drains", () => {
    const memory = memorySession();
    memory.client.full = true;
    memory.client.feed(encode.query("ok 1"));
    memory.upstream.feed(Buffer.concat([FIELDS, ROW]));
    expect(memory.upstream.paused).toBe(true);
    memory.client.drain();
    expect(memory.upstream.paused).toBe(false);
  });
});

describe("a session towards its upstream", () => {
  test.each([
    ["a row that nothing is owed", [], [ROW]],
    ["a row before its description where rows are masked", extended("ok mask"), [ONE, TWO, ROW]],
    ["an answer to another message", extended("ok 1"), [TWO]],
    ["COPY that was not judged", [encode.query("ok 1")], [COPY_IN]],
    ["COPY data without a COPY", [encode.query("ok mask")], [COPY_DATA]],
    ["the end of a COPY that did not begin", [encode.query("ok 1")], [COPY_DONE]],
    ["rows of a statement that was not asked for", [encode.query("ok 1")], [FIELDS, DONE, FIELDS]],
    ["an answer in the place of a refused message's error", extended("no"), [DONE]],
    ["ready too early", extended("ok 1"), [READY]],
    ["a second authentication", [], [encode.authentication(0)]],
    ["a frame over the limit", [], [Buffer.from([0x44, 0x7f, 0, 0, 0])]],
  ])("ends at %s", (_what, asked, answered) => {
    const memory = memorySession();
    memory.client.feed(Buffer.concat(asked));
    memory.upstream.feed(Buffer.concat(answered));
    expect(memory.client.closed).toBe(true);
    expect(memory.client.frames().at(-1)?.body.toString()).toContain("08006");
    expect(toClient(memory)).not.toContain("D");
  });

  test("keeps details of errors from clients where columns are hidden, and only there", () => {
    const memory = memorySession();
    memory.client.feed(encode.query("ok mask"));
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    memory.client.feed(encode.query("ok plain"));
    memory.upstream.feed(Buffer.concat([ERROR, READY]));
    const [hidden, plain] = memory.client.frames().filter(({ type }) => type === "E");
    expect(hidden?.body.toString()).not.toContain("secret");
    expect(plain?.body.toString()).toContain("secret");
  });
});

const piece = fc.oneof(
  fc.constantFrom(...extended("ok 1"), ...extended("no"), ...extended("ok mask"), ...extended("ok set")),
  fc.constantFrom(encode.query("ok 2"), encode.query("no"), encode.query("ok copy in"), encode.sync(), encode.flush()),
  fc.constantFrom(
    encode.parse("s", "ok 3"),
    encode.parse("s", "no"),
    bind("p", "s"),
    bind("", "x"),
    encode.execute("p", 1),
  ),
  fc.constantFrom(encode.close("S", "s"), encode.close("P", "p"), encode.describe("S", "s"), encode.describe("P", "p")),
  fc.constantFrom(encode.frame(0x64, Buffer.from("x")), encode.frame(0x63, Buffer.alloc(0))),
);
const answer = fc.constantFrom(ONE, TWO, ROW, DONE, READY, FIELDS, COPY_IN, ERROR, encode.frame(0x33, Buffer.alloc(0)));

describe("whatever both sides send", () => {
  test("no text reaches the upstream that was not judged and allowed, and nothing throws", () => {
    const step = fc.oneof(
      fc.record({ from: fc.constant("client" as const), bytes: piece }),
      fc.record({ from: fc.constant("upstream" as const), bytes: answer }),
      fc.record({
        from: fc.constantFrom("client" as const, "upstream" as const),
        bytes: fc.uint8Array({ maxLength: 12 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(7), (steps, cut) => {
        const memory = memorySession();
        for (const { bytes, from } of steps) {
          const whole = Buffer.from(bytes);
          memory[from].feed(whole.subarray(0, cut));
          memory[from].feed(whole.subarray(cut));
        }
        let executed = 0;
        for (const { body, type } of memory.upstream.frames()) {
          const text = body.toString();
          if (type === "Q" && !text.startsWith("refused by Sluice") && !text.startsWith("SHOW role")) {
            expect(text).toMatch(/^ok/);
            executed++;
          }
          if (type === "P") expect(text.slice(text.indexOf("\0") + 1)).toMatch(/^ok/);
          if (type === "E" && !text.startsWith("refused by Sluice")) executed++;
        }
        // a portal's later Executes belong to its first permit
        expect(memory.permits).toBeLessThanOrEqual(executed);
        if (executed > 0) expect(memory.permits).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
