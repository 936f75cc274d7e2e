import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bodyOf,
  decodeBind,
  decodeErrorFields,
  decodeExecute,
  decodeParse,
  decodeQuery,
  decodeRowDescription,
  decodeStartup,
  decodeTarget,
  MalformedMessage,
} from "./decode.ts";
import * as encode from "./encode.ts";

const body = (frame: Buffer) => bodyOf(frame, 0, frame.length);
const text = fc.string({ unit: "grapheme", maxLength: 60 }).filter((each) => !each.includes("\0"));

describe("the message decoders", () => {
  test("never take a name for another one of the same length and end", () => {
    for (const name of ["P_0", "Q_0", "P_0", "P00", "", "P_0", "\u00e9_0", "Q_0"])
      expect(decodeTarget(body(encode.describe("S", name))).name).toBe(name);
  });

  test("read back what the encoders wrote", () => {
    fc.assert(
      fc.property(text, text, fc.array(fc.nat(2 ** 31)), fc.nat(2 ** 30), (name, sql, types, rows) => {
        expect(decodeQuery(body(encode.query(sql)))).toBe(sql);
        expect(decodeParse(body(encode.parse(name, sql, types)))).toEqual({ name, text: sql, parameterTypes: types });
        expect(decodeTarget(body(encode.describe("P", name)))).toEqual({ kind: "P", name });
        expect(decodeExecute(body(encode.execute(name, rows)))).toEqual({ portal: name, rowsMax: rows });
        expect(decodeErrorFields(body(encode.errorResponse({ M: sql, C: "42501" })))).toEqual({ M: sql, C: "42501" });
      }),
    );
  });

  test("keep a byte order mark, which the server would see too", () => {
    expect(decodeQuery(body(encode.query("\ufeffSELECT 1")))).toBe("\ufeffSELECT 1");
  });

  test("refuse what is cut short, runs over or is not UTF-8, and throw nothing else", () => {
    const decoders = [
      decodeQuery,
      decodeParse,
      decodeBind,
      decodeTarget,
      decodeExecute,
      decodeRowDescription,
      decodeErrorFields,
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const framed = encode.frame(0x51, bytes);
        for (const decode of decoders) {
          try {
            decode(body(framed));
          } catch (cause) {
            expect(cause).toBeInstanceOf(MalformedMessage);
          }
        }
        try {
          decodeStartup(Buffer.concat([Buffer.alloc(4), Buffer.from(bytes)]));
        } catch (cause) {
          expect(cause).toBeInstanceOf(MalformedMessage);
        }
      }),
    );
    expect(() => decodeQuery(body(encode.frame(0x51, Buffer.from("a\0b\0"))))).toThrow(MalformedMessage);
    expect(() => decodeQuery(body(encode.frame(0x51, Buffer.from([0xff, 0]))))).toThrow(MalformedMessage);
    expect(() => decodeQuery(body(encode.frame(0x51, Buffer.from("no end"))))).toThrow(MalformedMessage);
  });

  test("refuse a startup parameter given twice", () => {
    const once = encode.startupMessage(196_608, { user: "ana" });
    const packet = Buffer.concat([once.subarray(0, -1), Buffer.from("user\0bo\0\0")]);
    expect(() => decodeStartup(packet)).toThrow(MalformedMessage);
  });
});
