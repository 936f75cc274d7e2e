import { Datetime, Duration } from "./datetime.ts";
import { Decimal } from "./decimal.ts";
import type { IpRange } from "./ip.ts";
import { isoText } from "./iso-text.ts";
import { Uid } from "./uid.ts";
import { CedarRecord, CedarSet, type Val } from "./value.ts";

/** Longest text of one printed value; people read it, nothing parses it. */
const CHARS_MAX = 200;

/** A value as Cedar would write it, cut to a readable length: what is cut off costs nothing. */
export function printValue(value: Val): string {
  const written: Written = { text: "" };
  write(value, written);
  return isFull(written) ? `${written.text.slice(0, CHARS_MAX)}…` : written.text;
}

interface Written {
  text: string;
}

function isFull({ text }: Written): boolean {
  return text.length > CHARS_MAX;
}

/** Each level writes at least its bracket, so the depth is bounded by the length. */
function write(value: Val, to: Written): void {
  if (value instanceof CedarSet) {
    to.text += "[";
    for (const [at, item] of value.items.entries()) {
      if (isFull(to)) return;
      if (at > 0) to.text += ", ";
      write(item, to);
    }
    to.text += "]";
  } else if (value instanceof CedarRecord) {
    to.text += "{";
    let first = true;
    for (const [name, field] of value.fields) {
      if (isFull(to)) return;
      to.text += `${first ? "" : ", "}${name}: `;
      first = false;
      write(field, to);
    }
    to.text += "}";
  } else {
    to.text += printPlain(value);
  }
}

function printPlain(value: Exclude<Val, CedarSet | CedarRecord>): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, CHARS_MAX + 1));
  if (typeof value !== "object" || value instanceof Uid) return String(value);
  if (value instanceof Datetime) return `datetime(${printTime(value)})`;
  if (value instanceof Duration) return `duration("${value.ms}ms")`;
  return value instanceof Decimal ? `decimal("${printDecimal(value)}")` : `ip("${printIp(value)}")`;
}

function printTime({ ms }: Datetime): string {
  const text = typeof ms === "number" ? isoText(ms) : undefined;
  return text === undefined ? `${ms}ms` : `"${text}"`;
}

/** A decimal's text, always with four places. */
export function printDecimal({ units }: Decimal): string {
  const digits = (units < 0 ? -BigInt(units) : BigInt(units)).toString().padStart(5, "0");
  return `${units < 0 ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** An address or range as `parseIp` reads it. */
export function printIp({ version, address, prefix }: IpRange): string {
  const parts = version === 4 ? 4 : 8;
  const bits = version === 4 ? 8n : 16n;
  const groups = Array.from(
    { length: parts },
    (_, at) => (address >> (bits * BigInt(parts - 1 - at))) & ((1n << bits) - 1n),
  );
  const text = version === 4 ? groups.join(".") : groups.map((group) => group.toString(16)).join(":");
  return prefix === (version === 4 ? 32 : 128) ? text : `${text}/${prefix}`;
}
