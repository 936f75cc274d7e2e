import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME, FRAME_HEADER_BYTES, makeFrame, readFrame } from "./frame.ts";

const numbers = { seq: 2 ** 40 + 1, ofSeq: 7 };
const frame = makeFrame(FRAME.outcome, numbers, Buffer.from('{"a":"é"}\n'));

describe("a frame", () => {
  it("comes back as it was written", () => {
    const read = readFrame(Buffer.concat([Buffer.from("xx"), frame]), 2);
    expect(read.kind).toBe("frame");
    if (read.kind !== "frame") return;
    expect(read.frame).toMatchObject({ ...numbers, kind: FRAME.outcome, end: frame.length + 2 });
    expect(read.frame.payload.toString()).toBe('{"a":"é"}\n');
  });

  it("is torn when any byte of it is missing", () => {
    for (let length = 1; length < frame.length; length += 1) {
      expect(readFrame(frame.subarray(0, length), 0).kind).toBe("torn");
    }
    expect(readFrame(frame, frame.length).kind).toBe("end");
  });

  it("is torn when any bit of it is another", () => {
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const changed = Buffer.from(frame);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readFrame(changed, 0).kind).toBe("torn");
    }
  });

  it("is never found, nor memory taken for it, in arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 * FRAME_HEADER_BYTES }), (bytes) => {
        return readFrame(Buffer.from(bytes), 0).kind === "torn";
      }),
    );
  });
});
