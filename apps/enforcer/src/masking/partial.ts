import { type ClassKind, classKindOf } from "@sluice/bundle/mask-examples";

/** Writes a partly hidden value of `source[start..end)` at `target[at…]`; gives the end of what it wrote. */
export type PartialWriter = (source: Buffer, start: number, end: number, target: Buffer, at: number) => number;

const STAR = 0x2a;
const AT = 0x40;
const DOT = 0x2e;
const DASH = 0x2d;
const SPACE = 0x20;

/** No partial form is longer than this beyond the length of its value. */
export const PARTIAL_EXTRA_BYTES_MAX = 32;

/** Chooses the form by the data class's name; a class of another name keeps its first letter only. */
export function partialWriterFor(dataClass: string): PartialWriter {
  return WRITERS[classKindOf(dataClass)];
}

const WRITERS: Readonly<Record<ClassKind, PartialWriter>> = {
  email: writeEmail,
  phone: writePhone,
  card: writeCard,
  ssn: writeSsn,
  other: writeInitial,
};

/** `***`, which says that something is there and nothing more. */
export function writeStars(target: Buffer, at: number): number {
  target[at] = STAR;
  target[at + 1] = STAR;
  target[at + 2] = STAR;
  return at + 3;
}

const PLAIN = 0;
const FOREIGN = 1;
const SIGN = 2;
const POINT = 3;
/** What a byte is in an address, by its number: asked of every byte, so looked up. */
const IN_ADDRESS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= SPACE || byte > 0x7e) return FOREIGN;
  if (byte === AT) return SIGN;
  return byte === DOT ? POINT : PLAIN;
});

/** `a***@e***.com`. What is not of an address's form is starred whole. */
export function writeEmail(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  let sign = -1;
  let dot = -1;
  for (let index = start; index < end; index += 1) {
    const role = IN_ADDRESS[source[index] ?? 0] ?? FOREIGN;
    if (role === PLAIN) continue;
    if (role === FOREIGN || (role === SIGN && sign >= 0)) return writeStars(target, at);
    if (role === SIGN) sign = index;
    else dot = index;
  }
  const wellFormed = sign > start + 1 && dot > sign + 2 && dot < end - 1 && end - dot <= 7;
  if (!wellFormed || !isLetters(source, dot + 1, end)) return writeStars(target, at);
  let out = at;
  target[out++] = source[start] ?? STAR;
  out = writeStars(target, out);
  target[out++] = AT;
  target[out++] = source[sign + 1] ?? STAR;
  out = writeStars(target, out);
  for (let index = dot; index < end; index += 1) target[out++] = source[index] ?? 0;
  return out;
}

function isLetters(source: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const lower = (source[index] ?? 0) | 0x20;
    if (lower < 0x61 || lower > 0x7a) return false;
  }
  return true;
}

/** `**** **** **** 1234`: only of 12 to 19 digits with spaces or dashes. */
export function writeCard(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const digits = countDigits(source, start, end);
  if (digits < 12 || digits > 19) return writeStars(target, at);
  let out = at;
  for (let group = 0; group < 3; group += 1) {
    target[out++] = STAR;
    out = writeStars(target, out);
    target[out++] = SPACE;
  }
  return writeLastDigits(source, { start, end, keep: 4 }, target, out);
}

/** `***-**-1234`: only of nine digits with dashes or spaces. */
export function writeSsn(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (countDigits(source, start, end) !== 9) return writeStars(target, at);
  let out = writeStars(target, at);
  target[out++] = DASH;
  target[out++] = STAR;
  target[out++] = STAR;
  target[out++] = DASH;
  return writeLastDigits(source, { start, end, keep: 4 }, target, out);
}

/** Every digit but the last two is starred, the punctuation stays: only of 7 to 15 digits. */
export function writePhone(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (end - start > 32) return writeStars(target, at);
  let digits = 0;
  for (let index = end - 1; index >= start; index -= 1) {
    const byte = source[index] ?? 0;
    if (isDigit(byte)) {
      digits += 1;
      target[at + index - start] = digits > 2 ? STAR : byte;
    } else if (isPunctuation(byte)) target[at + index - start] = byte;
    else return writeStars(target, at);
  }
  return digits < 7 || digits > 15 ? writeStars(target, at) : at + end - start;
}

/** `A***`: the first letter, of values of four bytes and more. */
export function writeInitial(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  const first = source[start] ?? 0;
  if (end - start < 4 || first <= SPACE || first > 0x7e) return writeStars(target, at);
  target[at] = first;
  return writeStars(target, at + 1);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** How many digits there are; -1 when there is anything besides digits and the punctuation of numbers. */
export function countDigits(source: Buffer, start: number, end: number): number {
  let digits = 0;
  for (let index = start; index < end; index += 1) {
    const byte = source[index] ?? 0;
    if (isDigit(byte)) digits += 1;
    else if (!isPunctuation(byte)) return -1;
  }
  return digits;
}

/** Space, `-`, `.`, `(`, `)`, `+`, `/`. */
function isPunctuation(byte: number): boolean {
  return byte === SPACE || byte === 0x28 || byte === 0x29 || byte === 0x2b || (byte >= DASH && byte <= 0x2f);
}

interface LastDigits {
  readonly start: number;
  readonly end: number;
  readonly keep: number;
}

function writeLastDigits(source: Buffer, { start, end, keep }: LastDigits, target: Buffer, at: number): number {
  let out = at + keep;
  for (let index = end - 1; index >= start && out > at; index -= 1) {
    const byte = source[index] ?? 0;
    if (isDigit(byte)) target[--out] = byte;
  }
  return at + keep;
}
