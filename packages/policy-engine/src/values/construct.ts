import { assert } from "@sluice/kernel";
import { Datetime, Duration } from "./datetime.ts";
import { Decimal, parseDecimal } from "./decimal.ts";
import { Fault } from "./fault.ts";
import { IpRange, parseIp } from "./ip.ts";
import { longFromBigint } from "./long.ts";
import { internUid, Uid } from "./uid.ts";
import { CedarRecord, CedarSet, type Val } from "./value.ts";

/** The object that stands for this entity name: equal names give the same object. */
export function entityUid(type: string, id: string): Uid {
  return internUid(type, id);
}

function long(integer: number | bigint): Val {
  assert(typeof integer === "bigint" || Number.isSafeInteger(integer), "a Cedar long is a safe integer or a bigint");
  if (typeof integer === "number") return integer + 0;
  const canonical = longFromBigint(integer);
  assert(canonical !== undefined, "a Cedar long has 64 bits");
  return canonical;
}

function canonical(value: Val): Val {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return long(value);
  assert(isCompound(value), "a Cedar value is a boolean, a text, a long, or made by this package");
  return value;
}

function isCompound(value: unknown): boolean {
  return kinds.some((kind) => value instanceof kind);
}

const kinds = [CedarSet, CedarRecord, Uid, IpRange, Datetime, Duration, Decimal] as const;

function parsed<T extends object>(result: T | Fault): T {
  assert(!(result instanceof Fault), "the text of an extension value must be valid");
  return result;
}

function record(fields: Readonly<Record<string, Val>> | Iterable<readonly [string, Val]>): CedarRecord {
  const entries = Symbol.iterator in fields ? fields : Object.entries(fields);
  const map = new Map<string, Val>();
  for (const [name, field] of entries) if (field !== undefined) map.set(name, canonical(field));
  return new CedarRecord(map);
}

/**
 * Builds the values of requests and entities. Call once and share: values are immutable.
 * A wrong argument (a fraction, an address that does not parse) is a bug of the caller and asserts;
 * for untrusted text use `tryIp`.
 */
export const value = {
  string: (text: string): Val => text,
  bool: (truth: boolean): Val => truth,
  long,
  set: (items: Iterable<Val>): CedarSet => new CedarSet([...items].map(canonical)),
  /** Own enumerable fields of an object, or entries. What is undefined is absent; there is no null. */
  record,
  entity: (uid: { readonly type: string; readonly id: string }): Uid => internUid(uid.type, uid.id),
  ip: (text: string): IpRange => parsed(parseIp(text)),
  /** For addresses from outside: undefined when it is not one. */
  tryIp: (text: string): IpRange | undefined => {
    const range = parseIp(text);
    return range instanceof Fault ? undefined : range;
  },
  decimal: (text: string): Decimal => parsed(parseDecimal(text)),
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  datetime: (ms: number): Datetime => {
    assert(Number.isSafeInteger(ms), "a datetime is whole milliseconds");
    return new Datetime(ms);
  },
  durationMs: (ms: number): Duration => {
    assert(Number.isSafeInteger(ms), "a duration is whole milliseconds");
    return new Duration(ms);
  },
} as const;
