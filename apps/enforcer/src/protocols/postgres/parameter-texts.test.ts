import { describe, expect, test } from "vitest";
import { cstring, frame } from "./codec/encode.ts";
import { parameterTexts } from "./parameter-texts.ts";

function bindFrame(format: number, values: readonly (Buffer | null)[]): Buffer {
  const parts: Buffer[] = [cstring(""), cstring(""), Buffer.from([0, 1, 0, format, 0, values.length])];
  for (const value of values) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    parts.push(length, value ?? Buffer.alloc(0));
  }
  return frame(0x42, Buffer.concat([...parts, Buffer.from([0, 0])]));
}

describe("the parameters that an approver reads", () => {
  test("are their text, NULL being null", () => {
    expect(parameterTexts(bindFrame(0, [Buffer.from("Lyon"), null]), [])).toEqual(["Lyon", null]);
  });

  test("are read from binary where the type is known, else shown in hexadecimal", () => {
    const values = [Buffer.from([0, 0, 0, 42]), Buffer.from([1]), Buffer.from("é"), Buffer.from([1, 2])];
    expect(parameterTexts(bindFrame(1, values), [23, 16, 25, 0])).toEqual(["42", "true", "é", "\\x0102"]);
    expect(parameterTexts(bindFrame(1, [Buffer.from([1, 2])]), [23])).toEqual(["\\x0102"]);
  });

  test("never look alike where the bytes differ", () => {
    const [left, right] = [Buffer.from([0xff]), Buffer.from([0xfe])].map((value) =>
      parameterTexts(bindFrame(0, [value]), []),
    );
    expect(left).not.toEqual(right);
  });
});
