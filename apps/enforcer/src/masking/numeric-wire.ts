/** Longer numbers are not decoded, in decimal digits. */
const DIGITS_MAX = 64;
const HEADER_BYTES = 8;
const NEGATIVE = 0x4000;

/** The text form of a numeric's binary wire form (base 10,000 groups); undefined for NaN, infinities and what is malformed. */
export function decodeNumeric(source: Buffer, start: number, end: number): string | undefined {
  if (end - start < HEADER_BYTES) return undefined;
  const groups = source.readInt16BE(start);
  const weight = source.readInt16BE(start + 2);
  const sign = source.readUInt16BE(start + 4);
  const scale = source.readUInt16BE(start + 6);
  if (end - start !== HEADER_BYTES + groups * 2 || groups < 0 || (sign !== 0 && sign !== NEGATIVE)) return undefined;
  if (scale > DIGITS_MAX || weight * 4 > DIGITS_MAX || weight * 4 < -DIGITS_MAX) return undefined;
  const group = (at: number) => {
    const value = at >= 0 && at < groups ? source.readUInt16BE(start + HEADER_BYTES + at * 2) : 0;
    return String(value).padStart(4, "0");
  };
  let whole = "";
  for (let at = 0; at <= weight; at += 1) whole += group(at);
  let fraction = "";
  for (let at = weight + 1; fraction.length < scale; at += 1) fraction += group(at);
  const shown = whole.replace(/^0+(?=\d)/, "") || "0";
  return `${sign === NEGATIVE ? "-" : ""}${shown}${scale > 0 ? `.${fraction.slice(0, scale)}` : ""}`;
}

/** The binary wire form of a number as `decodeNumeric` writes it. */
export function encodeNumeric(text: string): Buffer {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, "0");
  const digits = left + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0");
  const bytes = Buffer.alloc(HEADER_BYTES + digits.length / 2);
  bytes.writeInt16BE(digits.length / 4, 0);
  bytes.writeInt16BE(left.length / 4 - 1, 2);
  bytes.writeUInt16BE(text.startsWith("-") ? NEGATIVE : 0, 4);
  bytes.writeUInt16BE(fraction.length, 6);
  for (let at = 0; at < digits.length; at += 4)
    bytes.writeUInt16BE(Number(digits.slice(at, at + 4)), HEADER_BYTES + at / 2);
  return bytes;
}
