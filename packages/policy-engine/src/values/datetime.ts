import { Fault } from "./fault.ts";
import { addLongs, divideLong, floorModLong, type Long, longFromBigint, subtractLongs } from "./long.ts";

const DAY_MS = 86_400_000;
const UNIT_MS = [DAY_MS, 3_600_000, 60_000, 1_000, 1] as const;

/** Cedar's duration: a 64-bit count of milliseconds. */
export class Duration {
  readonly typeName = "duration";
  readonly ms: Long;
  constructor(ms: Long) {
    this.ms = ms;
  }
  get key(): string {
    return `p${this.ms}`;
  }
  /** Whole units of `unitMs`, truncated towards zero. */
  whole(unitMs: number): Long {
    return divideLong(this.ms, unitMs);
  }
}

/** Cedar's datetime: 64-bit milliseconds from 1970-01-01T00:00:00Z. */
export class Datetime {
  readonly typeName = "datetime";
  readonly ms: Long;
  constructor(ms: Long) {
    this.ms = ms;
  }
  get key(): string {
    return `t${this.ms}`;
  }

  offset(by: Duration): Datetime | Fault {
    const ms = addLongs(this.ms, by.ms);
    return ms === undefined ? new Fault("overflow while offsetting a datetime") : new Datetime(ms);
  }

  durationSince(start: Datetime): Duration | Fault {
    const ms = subtractLongs(this.ms, start.ms);
    return ms === undefined ? new Fault("overflow in durationSince") : new Duration(ms);
  }

  /** Midnight UTC of the same day, also before 1970. */
  toDate(): Datetime | Fault {
    const ms = subtractLongs(this.ms, floorModLong(this.ms, DAY_MS));
    return ms === undefined ? new Fault("overflow in toDate") : new Datetime(ms);
  }

  /** Time since midnight UTC, never negative. */
  toTime(): Duration {
    return new Duration(floorModLong(this.ms, DAY_MS));
  }
}

const DURATION = /^(-?)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;

/** Reads `-1d2h3m4s5ms`: units in that order, at least one. */
export function parseDuration(text: string): Duration | Fault {
  const match = DURATION.exec(text);
  if (match === null || match.slice(2).every((part) => part === undefined)) {
    return new Fault(`${JSON.stringify(text)} is not a duration such as 1d2h30m`);
  }
  let total = 0n;
  UNIT_MS.forEach((unit, index) => {
    total += BigInt(match[index + 2] ?? "0") * BigInt(unit);
  });
  const ms = longFromBigint(match[1] === "-" ? -total : total);
  return ms === undefined ? new Fault(`duration ${text} is out of range`) : new Duration(ms);
}

const DATETIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}))?(?:Z|([+-])([0-9]{2})([0-9]{2})))?$/;

/** Reads `2026-01-31`, `…T10:20:30Z`, `…T10:20:30.456+0200`. No leap seconds. */
export function parseDatetime(text: string): Datetime | Fault {
  const match = DATETIME.exec(text);
  const refusal = new Fault(`${JSON.stringify(text)} is not a datetime such as 2026-01-31T10:20:30Z`);
  if (match === null) return refusal;
  const field = (index: number): number => Number(match[index] ?? "0");
  const days = daysFromCivil(field(1), field(2), field(3));
  if (days === undefined || field(4) > 23 || field(5) > 59 || field(6) > 59) return refusal;
  if (field(9) > 23 || field(10) > 59) return refusal;
  const zone = (field(9) * 60 + field(10)) * 60_000 * (match[8] === "-" ? -1 : 1);
  const time = ((field(4) * 60 + field(5)) * 60 + field(6)) * 1_000 + field(7);
  return new Datetime(days * DAY_MS + time - zone);
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar; undefined when there is no such day. */
function daysFromCivil(year: number, month: number, day: number): number | undefined {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (day < 1 || day > (lengths[month - 1] ?? 0)) return undefined;
  const past = year - 1;
  const before = year * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  const inYear = lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0) + day - 1;
  return before + inYear - DAYS_TO_1970;
}

const DAYS_TO_1970 = 719_527;
