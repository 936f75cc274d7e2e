import { bodyOf, decodeBind } from "./codec/decode.ts";

/** Binary forms that have an obvious text, by type OID and length; everything else is shown in hexadecimal. */
const READERS: Readonly<Record<number, { readonly bytes: number; readonly read: (value: Buffer) => string }>> = {
  16: { bytes: 1, read: (value) => (value[0] === 0 ? "false" : "true") },
  20: { bytes: 8, read: (value) => value.readBigInt64BE().toString() },
  21: { bytes: 2, read: (value) => String(value.readInt16BE()) },
  23: { bytes: 4, read: (value) => String(value.readInt32BE()) },
  26: { bytes: 4, read: (value) => String(value.readUInt32BE()) },
  700: { bytes: 4, read: (value) => String(value.readFloatBE()) },
  701: { bytes: 8, read: (value) => String(value.readDoubleBE()) },
};
/** text, varchar, bpchar, name, json: their binary form is their text */
const TEXTUAL = new Set([18, 19, 25, 114, 1042, 1043]);

/** Bind's parameters as an approver reads them, and as the approval is bound to them; null is NULL. */
export function parameterTexts(bindFrame: Buffer, types: readonly number[]): (string | null)[] {
  const { formats, values } = decodeBind(bodyOf(bindFrame, 0, bindFrame.length));
  return values.map((value, index) => {
    if (value === null) return null;
    const format = formats.length === 1 ? formats[0] : (formats[index] ?? 0);
    return format === 1 ? binaryText(value, types[index] ?? 0) : exactText(value);
  });
}

function binaryText(value: Buffer, type: number): string {
  const reader = READERS[type];
  if (reader && value.length === reader.bytes) return reader.read(value);
  return TEXTUAL.has(type) ? exactText(value) : hexadecimal(value);
}

/** Text only if it says exactly these bytes: two values must never look like one. */
function exactText(value: Buffer): string {
  const text = value.toString("utf8");
  return Buffer.from(text, "utf8").equals(value) ? text : hexadecimal(value);
}

function hexadecimal(value: Buffer): string {
  return `\\x${value.toString("hex")}`;
}
