import { afterEach, describe, expect, test, vi } from "vitest";
import * as encode from "./codec/encode.ts";
import { FrameReader } from "./codec/frame-reader.ts";
import { MemoryStream } from "./fixtures/memory-session.ts";
import { TrustedQueries } from "./trusted-query.ts";

const READY = encode.readyForQuery(0x49);
const ROW = encode.frame(0x44, Buffer.from([0, 1, 0, 0, 0, 1, 0x41]));

function queries(queryMsMax: number) {
  const stream = new MemoryStream();
  const reader = new FrameReader(10_000);
  const connection = { stream, reader, parameters: new Map(), processId: 1, secret: Buffer.alloc(4) };
  return { stream, queries: new TrustedQueries(connection, false, queryMsMax) };
}

afterEach(() => void vi.useRealTimers());

describe("the enforcer's own queries", () => {
  test("reject when the server gives no whole answer in time, and so do all later ones: the connection is left", async () => {
    const { queries: own, stream } = queries(30);
    const answer = own.query("SELECT 1");
    await new Promise((resolve) => setImmediate(resolve));
    stream.feed(ROW);
    await expect(answer).rejects.toThrow("no answer within 30 ms");
    expect(stream.closed).toBe(true);
    expect(own.alive).toBe(false);
    await expect(own.query("SELECT 2")).rejects.toThrow("no answer within 30 ms");
  });

  test("have the time each for itself", async () => {
    vi.useFakeTimers();
    const { queries: own, stream } = queries(60);
    for (let round = 0; round < 3; round++) {
      const answer = own.query("SELECT 'A'");
      await vi.advanceTimersByTimeAsync(59);
      stream.feed(Buffer.concat([ROW, READY]));
      expect(await answer).toEqual([["A"]]);
    }
    await vi.advanceTimersByTimeAsync(80);
    expect(own.alive).toBe(true);
  });
});
