import { type CellMask, NULL_CELL } from "./cell-mask.ts";
import type { Tokens } from "./token.ts";

export type DateFamily = "date" | "timestamp" | "timestamptz";

const DAY_MS = 86_400_000;
/** PostgreSQL counts from here. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
/** Tokens are days of these years: dates that clients and constraints take for dates of today's people. */
const FIRST_DAY = (Date.UTC(1950, 0, 1) - EPOCH_MS) / DAY_MS;
const DAYS = 36_525n;
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(?:([+-])(\d{2})(?::?(\d{2}))?)?)?$/;

/**
 * A day between 1950 and 2049 for a date or a time (which becomes midnight, UTC): equal ones give equal days, in text and
 * binary, whatever the session's time zone. There are fewer days than dates, so two dates may share one. Years of other than
 * four digits, infinities and text of another DateStyle than ISO are NULL.
 */
export function dateToken(tokens: Tokens, family: DateFamily, format: number): CellMask {
  return (source, start, end, target, at) => {
    const micros = format === 1 ? fromBinary(source, start, end, family) : fromText(source, start, end, family);
    if (micros === undefined) return NULL_CELL;
    const own = Number(micros / BigInt(DAY_MS * 1000));
    const drawn = FIRST_DAY + Number(tokens.digest(micros.toString()).readBigUInt64BE(0) % DAYS);
    const day = drawn === own ? drawn + 1 : drawn;
    if (format !== 1) return at + target.write(dayText(day, family), at, "latin1");
    if (family === "date") return target.writeInt32BE(day, at);
    return target.writeBigInt64BE(BigInt(day) * BigInt(DAY_MS) * 1000n, at);
  };
}

function dayText(day: number, family: DateFamily): string {
  const date = new Date(EPOCH_MS + day * DAY_MS).toISOString().slice(0, 10);
  if (family === "date") return date;
  return family === "timestamp" ? `${date} 00:00:00` : `${date} 00:00:00+00`;
}

/** Microseconds since PostgreSQL's epoch. */
function fromBinary(source: Buffer, start: number, end: number, family: DateFamily): bigint | undefined {
  if (family === "date") {
    if (end - start !== 4) return undefined;
    return withinYears(BigInt(source.readInt32BE(start)) * BigInt(DAY_MS) * 1000n);
  }
  return end - start === 8 ? withinYears(source.readBigInt64BE(start)) : undefined;
}

function fromText(source: Buffer, start: number, end: number, family: DateFamily): bigint | undefined {
  if (end - start > 40) return undefined;
  const [whole, date, time, fraction = "", sign, hours = "0", minutes = "0"] =
    ISO.exec(source.toString("latin1", start, end)) ?? [];
  const hasTime = time !== undefined;
  if (whole === undefined || hasTime === (family === "date") || (sign !== undefined) !== (family === "timestamptz"))
    return undefined;
  const ms = Date.parse(`${date}T${time ?? "00:00:00"}Z`);
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  return withinYears(BigInt(ms - EPOCH_MS - offsetMs) * 1000n + BigInt(fraction.padEnd(6, "0")));
}

const FIRST = BigInt(Date.UTC(1000, 0, 1) - EPOCH_MS) * 1000n;
const LAST = BigInt(Date.UTC(9998, 0, 1) - EPOCH_MS) * 1000n;

function withinYears(micros: bigint): bigint | undefined {
  return micros >= FIRST && micros < LAST ? micros : undefined;
}
