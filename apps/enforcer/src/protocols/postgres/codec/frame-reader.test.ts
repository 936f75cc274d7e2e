import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame } from "./encode.ts";
import { FrameReader } from "./frame-reader.ts";

const MAX = 100_000;
const frames = fc.array(fc.tuple(fc.integer({ min: 1, max: 127 }), fc.uint8Array({ maxLength: 300 })), {
  maxLength: 12,
});

/** Reads a stream given in chunks and returns what came out, frame by frame. */
function readAll(chunks: readonly Buffer[], reader = new FrameReader(MAX)): string[] {
  const seen: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next()) seen.push(reader.buffer.toString("hex", reader.start, reader.end));
    reader.detach();
    // the owner fills the chunk's memory with other bytes: nothing kept may refer to it
    chunk.fill(0xff);
  }
  return seen;
}

test("says nothing of a whole frame that waits: what is behind it is no part of it", () => {
  const reader = new FrameReader(1_000);
  const whole = frame(0x64, Buffer.alloc(50));
  reader.push(Buffer.concat([whole, frame(0x51, Buffer.from("x\0"))]));
  expect(reader.partial()).toBeUndefined();
  expect(reader.next()).toBe(true);
  reader.push(whole.subarray(0, 20));
  expect(reader.partial()).toBeUndefined();
  expect(reader.next()).toBe(true);
  expect(reader.partial()).toEqual({ type: 0x64, length: 54 });
});

describe("FrameReader", () => {
  test("gives the same frames wherever the bytes are split", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(5_000), { maxLength: 20 }), (messages, cuts) => {
        const wire = messages.map(([type, body]) => frame(type, body));
        const whole = Buffer.concat(wire);
        const at = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((left, right) => left - right);
        const chunks = [0, ...at].map((start, index) => Buffer.from(whole.subarray(start, at[index] ?? whole.length)));
        expect(readAll(chunks)).toEqual(wire.map((bytes) => bytes.toString("hex")));
      }),
    );
  });

  test("gives the same frames when readers that share memory take turns and fall behind", () => {
    const kept = fc.array(fc.record({ reader: fc.nat(2), bytes: fc.nat(40_000), reads: fc.nat(60) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(kept, (turns) => {
        const sides = [1, 2, 3].map((mark) => {
          const reader = new FrameReader(MAX);
          reader.sharesMemory = true;
          const sizes = Array.from({ length: 400 }, (_, at) => (at * mark * 37) % 1_500);
          const wire = Buffer.concat(sizes.map((size) => frame(mark, Buffer.alloc(size, mark))));
          return { mark, reader, sizes, wire, sent: 0, seen: 0 };
        });
        for (const turn of turns) {
          const side = sides[turn.reader];
          if (!side) continue;
          const chunk = Buffer.from(side.wire.subarray(side.sent, side.sent + turn.bytes));
          side.sent += chunk.length;
          side.reader.push(chunk);
          for (let reads = 0; reads < turn.reads && side.reader.next(); reads++) {
            const size = side.sizes[side.seen++] ?? -1;
            const bytes = side.reader.buffer.subarray(side.reader.start, side.reader.end);
            expect(bytes.equals(frame(side.mark, Buffer.alloc(size, side.mark)))).toBe(true);
          }
          side.reader.detach();
          chunk.fill(0xff);
        }
      }),
    );
  });

  test("gives memory to others only where it was said to share it, and not before the next push", () => {
    const body = Buffer.alloc(20_000, 1);
    const holding = (sharesMemory: boolean) => {
      const reader = new FrameReader(MAX);
      reader.sharesMemory = sharesMemory;
      reader.push(frame(0x44, body).subarray(0, 19_000));
      reader.detach();
      return reader;
    };
    const takenBy = (count: number) => Array.from({ length: count }, () => holding(true).buffer);
    for (const shares of [false, true]) {
      takenBy(8); // nothing is free now
      const reader = holding(shares);
      const memory = reader.buffer;
      reader.push(frame(0x44, body).subarray(19_000));
      expect(reader.next()).toBe(true);
      expect(takenBy(8).includes(memory)).toBe(false);
      reader.push(frame(0x53, Buffer.alloc(0)));
      expect(takenBy(8).includes(memory)).toBe(shares);
    }
  });

  test("gives the same frames when asked for those of a type as long as there are some", () => {
    const property = fc.property(
      frames,
      fc.integer({ min: 1, max: 127 }),
      fc.integer({ min: 1, max: 400 }),
      (all, type, size) => {
        const wire = Buffer.concat(all.map(([kind, body]) => frame(kind, Buffer.from(body))));
        const reader = new FrameReader(MAX);
        const seen: string[] = [];
        const see = () => seen.push(reader.buffer.toString("hex", reader.start, reader.end));
        for (let at = 0; at < wire.length; at += size) {
          reader.push(wire.subarray(at, at + size));
          while (reader.next()) {
            see();
            while (reader.nextIs(type)) {
              expect(reader.type).toBe(type);
              see();
            }
          }
        }
        expect(seen.join("")).toBe(wire.toString("hex"));
      },
    );
    fc.assert(property);
  });

  test("gives the same frames when every byte comes alone", () => {
    const wire = [
      frame(0x51, Buffer.from("SELECT 1\0")),
      frame(0x53, Buffer.alloc(0)),
      frame(0x44, Buffer.alloc(5_000, 7)),
    ];
    const bytes = Array.from(Buffer.concat(wire), (byte) => Buffer.from([byte]));
    expect(readAll(bytes)).toEqual(wire.map((each) => each.toString("hex")));
  });

  test("never throws and never reads past its bounds on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const reader = new FrameReader(1_000);
        for (const chunk of chunks) {
          reader.push(Buffer.from(chunk));
          while (reader.next()) expect(reader.end - reader.start).toBeLessThanOrEqual(1_001);
          if (reader.fault) return;
          expect(reader.waiting).toBeLessThanOrEqual(1_001 + chunk.length);
        }
      }),
    );
  });

  test("refuses a frame over the limit by its header, before its bytes came", () => {
    const reader = new FrameReader(MAX);
    reader.push(Buffer.from([0x51, 0x40, 0, 0, 0]));
    expect(reader.next()).toBe(false);
    expect(reader.fault).toBe("length_is_too_large");
    const tiny = new FrameReader(MAX);
    tiny.push(Buffer.from([0x51, 0, 0, 0, 3]));
    expect(tiny.next()).toBe(false);
    expect(tiny.fault).toBe("length_is_too_small");
  });

  test("does not set aside the memory that a header announces", () => {
    const reader = new FrameReader(1 << 30);
    reader.push(Buffer.from([0x51, 0x3f, 0xff, 0xff, 0xff]));
    for (let index = 0; index < 100; index++) reader.push(Buffer.alloc(10));
    expect(reader.buffer.length).toBeLessThan(16_384);
  });

  test("streams the rest of a large frame piece by piece and finds the next frame after it", () => {
    const large = frame(0x44, Buffer.alloc(50_000, 1));
    const whole = Buffer.concat([large, frame(0x5a, Buffer.from("I"))]);
    const reader = new FrameReader(MAX);
    let bytes = 0;
    let last = -1;
    for (let at = 0; at < whole.length; at += 1_000) {
      reader.push(Buffer.from(whole.subarray(at, at + 1_000)));
      while (reader.next()) {
        last = reader.type;
        if (reader.type === 0) bytes += reader.end - reader.start;
      }
      if (!reader.streaming && reader.partial()?.type === 0x44) {
        reader.streamRest();
        bytes += reader.end - reader.start;
      }
    }
    expect(bytes).toBe(large.length);
    expect(last).toBe(0x5a);
  });
});
