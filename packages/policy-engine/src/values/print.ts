import { Datetime, Duration } from "./datetime.ts";
import { Decimal } from "./decimal.ts";
import type { IpRange } from "./ip.ts";
import { isoText } from "./iso-text.ts";
import { Uid } from "./uid.ts";
import { CedarRecord, CedarSet, type Val } from "./value.ts";

/** Longest text of one printed value; people read it, nothing parses it. */
const CHARS_MAX = 200;

/** A value as Cedar would write it, cut to a readable length. */
export function printValue(value: Val): string {
  const text = print(value);
  return text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text;
}

function print(value: Val): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value instanceof Uid) return String(value);
  if (value instanceof CedarSet) return `[${value.items.map(printValue).join(", ")}]`;
  if (value instanceof CedarRecord) {
    return `{${[...value.fields].map(([name, field]) => `${name}: ${printValue(field)}`).join(", ")}}`;
  }
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
