import type { MaskStrategy } from "@sluice/policy-engine";
import { ARRAY_ELEMENTS_MAX, arrayMask } from "./arrays.ts";
import { type CellMask, NULL_CELL } from "./cell-mask.ts";
import { dateToken } from "./dates.ts";
import { DigitPseudonyms } from "./format.ts";
import { numericFormat, numericToken } from "./numbers.ts";
import { countDigits, PARTIAL_EXTRA_BYTES_MAX, partialWriterFor, writeStars } from "./partial.ts";
import { Tokens } from "./token.ts";
import { elementTypeOf, familyOf, type TypeFamily } from "./types.ts";

/** A replacement is never longer than its value by more than this. */
export const CELL_EXTRA_BYTES_MAX = Math.max(PARTIAL_EXTRA_BYTES_MAX, 64);

/** The same for a column of this type: of an array each element may grow. */
export function extraBytesMax(typeOid: number): number {
  return elementTypeOf(typeOid) === undefined ? CELL_EXTRA_BYTES_MAX : CELL_EXTRA_BYTES_MAX * (ARRAY_ELEMENTS_MAX + 1);
}

/** What a column's values are and how to hide them. */
export interface CellKind {
  readonly strategy: MaskStrategy;
  readonly dataClass: string;
  readonly typeOid: number;
  /** 0 text, 1 binary */
  readonly format: number;
  readonly maskKey: string;
}

const toNull: CellMask = () => NULL_CELL;

/** The mask for a column. Types that have no sane replacement are hidden as NULL. */
export function cellMaskFor(kind: CellKind): CellMask {
  if (kind.strategy === "null") return toNull;
  const elementType = elementTypeOf(kind.typeOid);
  if (elementType !== undefined) return elementsMask(elementType, kind);
  const family = familyOf(kind.typeOid);
  if (kind.strategy === "hmac") return tokenMask(family, kind);
  if (kind.strategy === "format") return formatMask(family, kind);
  if (kind.strategy === "partial" && family === "text") return partialWriterFor(kind.dataClass);
  return redaction(family, kind.format);
}

/** Element by element; hidden whole, where even their number may be computed from a value, an array is NULL. */
function elementsMask(typeOid: number, kind: CellKind): CellMask {
  if (kind.strategy === "redact") return toNull;
  return arrayMask(cellMaskFor({ ...kind, typeOid }), CELL_EXTRA_BYTES_MAX, kind.format);
}

/** What stands for a value that is hidden whole, in a form that the type's readers accept. */
function redaction(family: TypeFamily, format: number): CellMask {
  if (family === "text") return (_source, _start, _end, target, at) => writeStars(target, at);
  const fixed = fixedRedaction(family, format);
  if (!fixed) return toNull;
  return (_source, _start, _end, target, at) => at + fixed.copy(target, at);
}

function fixedRedaction(family: TypeFamily, format: number): Buffer | undefined {
  if (family === "char") return Buffer.from("*");
  if (family === "json") return Buffer.from('"***"');
  // jsonb's binary form is a version byte and the text
  if (family === "jsonb") return Buffer.from(format === 1 ? '\u0001"***"' : '"***"');
  if (family === "xml") return Buffer.from("<masked/>");
  if (family === "bytea") return Buffer.from(format === 1 ? "" : "\\x");
  return undefined;
}

function tokenMask(family: TypeFamily, kind: CellKind): CellMask {
  const tokens = new Tokens(kind.maskKey, kind.dataClass);
  if (family === "text") return textToken(tokens);
  if (family === "uuid") return kind.format === 1 ? binaryUuid(tokens) : textUuid(tokens);
  if (family === "int2" || family === "int4" || family === "int8") return integerToken(tokens, family, kind.format);
  if (family === "bytea") return byteaToken(tokens, kind.format);
  if (family === "numeric") return numericToken(tokens, kind.format);
  if (isDate(family)) return dateToken(tokens, family, kind.format);
  return redaction(family, kind.format);
}

function isDate(family: TypeFamily): family is "date" | "timestamp" | "timestamptz" {
  return family === "date" || family === "timestamp" || family === "timestamptz";
}

/**
 * Numbers keep their length and punctuation. A date's or a UUID's only form is that of another one, which its token is.
 * Anything else has no format that could be kept and is hidden whole.
 */
function formatMask(family: TypeFamily, kind: CellKind): CellMask {
  const pseudonyms = new DigitPseudonyms(kind.maskKey, kind.dataClass);
  if (family === "text") return textFormat(pseudonyms);
  // of smallint there are too few values for a pseudonym that could not be looked up
  if (family === "int4" || family === "int8") return integerFormat(pseudonyms, family, kind.format);
  if (family === "numeric") return numericFormat(pseudonyms, kind.format);
  return family === "uuid" || isDate(family) ? tokenMask(family, kind) : redaction(family, kind.format);
}

function textFormat(pseudonyms: DigitPseudonyms): CellMask {
  return (source, start, end, target, at) => {
    if (countDigits(source, start, end) < 0) return writeStars(target, at);
    const text = source.toString("latin1", start, end);
    const pseudonym = pseudonyms.of(text.replaceAll(/[^0-9]/g, ""));
    if (pseudonym === undefined) return writeStars(target, at);
    let next = 0;
    return (
      at +
      target.write(
        text.replaceAll(/[0-9]/g, () => pseudonym[next++] ?? "*"),
        at,
        "latin1",
      )
    );
  };
}

const LARGEST = { int4: 2n ** 31n - 1n, int8: 2n ** 63n - 1n } as const;

function integerFormat(pseudonyms: DigitPseudonyms, family: keyof typeof LARGEST, format: number): CellMask {
  const { bytes } = INTEGERS[family];
  return (source, start, end, target, at) => {
    const value = format === 1 ? readInteger(source, start, end, bytes) : source.toString("latin1", start, end);
    const digits = /^(-?)([1-9][0-9]*)$/.exec(value ?? "");
    const pseudonym = digits?.[2] && pseudonyms.below(digits[2], LARGEST[family]);
    if (!pseudonym) return NULL_CELL;
    const number = BigInt(`${digits[1] ?? ""}${pseudonym}`);
    if (format !== 1) return at + target.write(number.toString(), at, "latin1");
    return bytes === 4 ? target.writeInt32BE(Number(number), at) : target.writeBigInt64BE(number, at);
  };
}

/** 16 bytes. The text form is told by its own: `\\x` and hexadecimal digits, or what an old client asked for. */
function byteaToken(tokens: Tokens, format: number): CellMask {
  return (source, start, end, target, at) => {
    const isHex = source[start] === 0x5c && source[start + 1] === 0x78;
    if (format !== 1 && !isHex) return at + target.write("\\x", at, "latin1");
    const value =
      format === 1 ? source.toString("hex", start, end) : source.toString("latin1", start + 2, end).toLowerCase();
    const token = tokens.digest(value).subarray(0, 16);
    return at + (format === 1 ? token.copy(target, at) : target.write(`\\x${token.toString("hex")}`, at, "latin1"));
  };
}

/** `tok_` and 128 bits. */
function textToken(tokens: Tokens): CellMask {
  return (source, start, end, target, at) => {
    const digest = tokens.digest(source.toString("latin1", start, end));
    return at + target.write(`tok_${digest.toString("base64url", 0, 16)}`, at, "latin1");
  };
}

const INTEGERS = {
  int2: { bytes: 2, bits: 15n },
  int4: { bytes: 4, bits: 31n },
  int8: { bytes: 8, bits: 53n },
} as const;

/** A number of the same type, positive, within what JavaScript and JDBC read exactly. */
function integerToken(tokens: Tokens, family: keyof typeof INTEGERS, format: number): CellMask {
  const { bytes, bits } = INTEGERS[family];
  return (source, start, end, target, at) => {
    const value = format === 1 ? readInteger(source, start, end, bytes) : source.toString("latin1", start, end);
    if (value === undefined) return NULL_CELL;
    const token = tokens.digest(value).readBigUInt64BE(0) % (1n << bits);
    if (format !== 1) return at + target.write(token.toString(), at, "latin1");
    if (bytes === 2) return target.writeInt16BE(Number(token), at);
    return bytes === 4 ? target.writeInt32BE(Number(token), at) : target.writeBigInt64BE(token, at);
  };
}

function readInteger(source: Buffer, start: number, end: number, bytes: number): string | undefined {
  if (end - start !== bytes) return undefined;
  if (bytes === 8) return source.readBigInt64BE(start).toString();
  return source.readIntBE(start, bytes).toString();
}

function textUuid(tokens: Tokens): CellMask {
  return (source, start, end, target, at) => {
    const hex = uuidBytes(tokens.digest(source.toString("latin1", start, end).toLowerCase())).toString("hex");
    const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    return at + target.write(text, at, "latin1");
  };
}

function binaryUuid(tokens: Tokens): CellMask {
  return (source, start, end, target, at) => {
    if (end - start !== 16) return NULL_CELL;
    const hex = source.toString("hex", start, end);
    const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    return at + uuidBytes(tokens.digest(text)).copy(target, at);
  };
}

/** Version 8 (custom), variant 1, of RFC 9562. */
function uuidBytes(digest: Buffer): Buffer {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}
