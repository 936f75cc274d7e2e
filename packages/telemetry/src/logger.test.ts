import { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { configureLogs, logger } from "./logger.ts";

function capture(): { lines: () => Record<string, unknown>[] } {
  const chunks: string[] = [];
  configureLogs({
    level: "info",
    destination: new Writable({ write: (chunk, _encoding, done) => (chunks.push(String(chunk)), done()) }),
  });
  return {
    lines: () =>
      chunks
        .join("")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}

afterEach(() => configureLogs({ level: "silent" }));

describe("logger", () => {
  it("writes one JSON line per event with the event's name, the room and the fields", () => {
    const { lines } = capture();
    logger("room").info({ tookMs: 3 }, "bundle.applied");
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ level: "info", log: "room", event: "bundle.applied", tookMs: 3 });
  });

  it("never writes secrets or statements, down to the third level", () => {
    const { lines } = capture();
    logger("room").info({ token: "t0p", a: { password: "t0p", b: { statement: "t0p" } } }, "x.y");
    expect(JSON.stringify(lines())).not.toContain("t0p");
  });

  it("hides the message of database errors that quote values, and further fields of every error", () => {
    const { lines } = capture();
    const error = Object.assign(new Error('duplicate key "ana@example.com"'), {
      code: "23505",
      detail: "ana@example.com",
    });
    logger("room").error({ err: error }, "x.failed");
    expect(JSON.stringify(lines())).not.toContain("ana@example.com");
    expect(lines()[0]).toMatchObject({ err: { code: "23505" } });
  });

  it("keeps the cause of an error", () => {
    const { lines } = capture();
    logger("room").error({ err: new Error("outer", { cause: new Error("inner") }) }, "x.failed");
    expect(lines()[0]).toMatchObject({ err: { message: "outer", cause: { message: "inner" } } });
  });

  it("gives the same logger for the same name", () => {
    capture();
    expect(logger("one")).toBe(logger("one"));
  });
});
