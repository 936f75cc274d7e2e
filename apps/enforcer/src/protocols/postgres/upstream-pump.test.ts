import { configureLogs } from "@sluice/telemetry";
import { beforeAll, expect, test } from "vitest";
import * as encode from "./codec/encode.ts";
import { memorySession } from "./fixtures/memory-session.ts";

const FIELDS = encode.frame(0x54, Buffer.from([0, 0]));
const DONE = encode.frame(0x43, Buffer.from("SELECT 1\0"));
const READY = encode.readyForQuery(0x49);
const row = (byte: number) => encode.frame(0x44, Buffer.alloc(9_000, byte));

beforeAll(() => configureLogs({ level: "silent" }));

test("rows that waited for a slow client are its own, though the next row comes in pieces before they are written", async () => {
  const memory = memorySession();
  memory.session.upstreamView.reader.sharesMemory = true;
  const { client, upstream } = memory;
  client.feed(encode.query("ok 1"));
  client.full = true;
  upstream.feed(FIELDS);
  upstream.feed(Buffer.concat([1, 2, 3, 4, 5].map(row)));
  client.drain();
  const last = row(6);
  upstream.feed(last.subarray(0, 8_500));
  upstream.feed(Buffer.concat([last.subarray(8_500), DONE, READY]));
  await new Promise((resolve) => setImmediate(resolve));
  const expected = Buffer.concat([FIELDS, ...[1, 2, 3, 4, 5, 6].map(row), DONE, READY]);
  expect(Buffer.concat(client.written).equals(expected)).toBe(true);
});
