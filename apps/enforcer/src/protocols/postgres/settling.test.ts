import { configureLogs } from "@sluice/telemetry";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionGate } from "../protocol.ts";
import * as encode from "./codec/encode.ts";
import { EMPTY, type MemorySession, memorySession } from "./fixtures/memory-session.ts";

const FIELDS = encode.frame(0x54, Buffer.from([0, 0]));
const DONE = encode.frame(0x43, Buffer.from("DONE\0"));
const ERROR = encode.errorResponse({ S: "ERROR", C: "42501", M: "not for you" });
const IN_TRANSACTION = encode.readyForQuery(0x54);
const IDLE = encode.readyForQuery(0x49);
const FAILED = encode.readyForQuery(0x45);
const setting = (value: string) =>
  encode.frame(0x44, Buffer.concat([Buffer.from([0, 1, 0, 0, 0, value.length]), Buffer.from(value)]));
const values = ["none", "app", "public", "on", "UTF8"];
const shown = Buffer.concat(values.map((value) => Buffer.concat([FIELDS, setting(value), DONE])));

/** Two questions, and a third whatever became of them, as the catalogue is read in a savepoint. */
const readCatalogue: SessionGate["readCatalogue"] = async (query) => {
  await query("own 1");
  try {
    await query("own 2");
    return EMPTY;
  } finally {
    await query("own 3");
  }
};

beforeAll(() => configureLogs({ level: "silent" }));

/** What was sent upstream so far. */
const sent = ({ upstream }: MemorySession) =>
  upstream.frames().map(({ body }) =>
    body
      .toString()
      .replace("\0", "")
      .replace(/^SHOW.*/, "settings"),
  );

/** The upstream answers, and what follows from it happens. */
async function answered(memory: MemorySession, ...frames: readonly Buffer[]): Promise<void> {
  memory.upstream.feed(Buffer.concat(frames));
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("after a definition in a transaction", () => {
  test("settings that changed as well are asked for when the catalogue was read, whose reading changes them too", async () => {
    const memory = memorySession({ readCatalogue });
    memory.client.feed(encode.query("ok define set"));
    await answered(memory, DONE, IN_TRANSACTION);
    expect(sent(memory)).toEqual(["ok define set", "own 1"]);
    memory.client.feed(encode.query("ok next"));
    await answered(memory, DONE, IN_TRANSACTION);
    await answered(memory, DONE, IN_TRANSACTION);
    expect(sent(memory)).toEqual(["ok define set", "own 1", "own 2", "own 3"]);
    await answered(memory, DONE, IN_TRANSACTION);
    expect(sent(memory).slice(4)).toEqual(["settings"]);
    await answered(memory, shown, IN_TRANSACTION);
    expect(sent(memory).slice(5)).toEqual(["ok next"]);
  });

  test("the client's next statement waits for it even where reading fails, and does not wait for ever", async () => {
    const memory = memorySession({ readCatalogue });
    memory.client.feed(encode.query("ok define"));
    await answered(memory, DONE, IN_TRANSACTION);
    await answered(memory, DONE, IN_TRANSACTION);
    expect(sent(memory)).toEqual(["ok define", "own 1", "own 2"]);
    await answered(memory, ERROR, FAILED);
    memory.client.feed(encode.query("ok next"));
    expect(sent(memory)).toEqual(["ok define", "own 1", "own 2", "own 3"]);
    await answered(memory, DONE, IN_TRANSACTION);
    expect(sent(memory).slice(4)).toEqual(["ok next"]);
    memory.upstream.feed(Buffer.concat([FIELDS, DONE, IN_TRANSACTION]));
    expect(
      memory.client
        .frames()
        .map(({ type }) => type)
        .join(""),
    ).toBe("CZTCZ");
  });

  test("nothing of the client's comes between our own questions, though the transaction ended under them", async () => {
    const memory = memorySession({ readCatalogue });
    memory.client.feed(encode.query("ok define"));
    await answered(memory, DONE, IN_TRANSACTION);
    await answered(memory, DONE, IN_TRANSACTION);
    await answered(memory, ERROR, IDLE);
    memory.client.feed(encode.query("ok next"));
    expect(sent(memory)).toEqual(["ok define", "own 1", "own 2", "own 3"]);
    await answered(memory, ERROR, IDLE);
    expect(sent(memory).slice(4)).toEqual(["ok next"]);
  });

  test("a statement that was held back meanwhile goes on once settings are known again", async () => {
    const memory = memorySession({ readCatalogue });
    memory.client.feed(Buffer.concat([encode.query("ok define set"), encode.query("ok one"), encode.query("ok two")]));
    for (let own = 0; own < 4; own++) await answered(memory, DONE, IN_TRANSACTION);
    await answered(memory, shown, IN_TRANSACTION);
    expect(sent(memory).slice(-2)).toEqual(["ok one", "ok two"]);
  });

  test("keeps what it sees of it, however often the catalogue was asked for before it began", async () => {
    const ends: (() => void)[] = [];
    const catalogueChanged = () => new Promise<boolean>((resolve) => ends.push(() => resolve(true)));
    const memory = memorySession({ readCatalogue, catalogueChanged });
    const { talk } = memory.session;
    memory.client.feed(Buffer.concat([encode.query("ok define set"), encode.sync()]));
    await answered(memory, DONE, IDLE);
    await answered(memory, IDLE);
    await answered(memory, shown, IDLE);
    ends.shift()?.();
    await answered(memory);
    memory.client.feed(encode.query("ok define"));
    for (let own = 0; own < 4; own++) await answered(memory, DONE, IN_TRANSACTION);
    expect({ seen: talk.catalogue, owes: talk.catalogueTouched }).toEqual({ seen: EMPTY, owes: true });
    for (const end of ends) end();
    await answered(memory);
    expect({ seen: talk.catalogue, owes: talk.catalogueTouched }).toEqual({ seen: EMPTY, owes: true });
    memory.client.feed(encode.query("ok next"));
    await answered(memory, DONE, IDLE);
    expect(ends.length).toBeGreaterThan(0);
  });
});
