import { Datetime, Duration } from "./datetime.ts";
import { Decimal } from "./decimal.ts";
import { printDecimal, printIp } from "./print.ts";
import { Uid } from "./uid.ts";
import { CedarRecord, CedarSet, type Val } from "./value.ts";

/** JSON as Cedar writes values, escapes spelled out. */
export type CedarJson = boolean | string | number | CedarJson[] | { [name: string]: CedarJson };

/**
 * Writes a value in Cedar's JSON form, the inverse of `valueFromCedarJson`: for records, explanations and the official
 * engine. Longs beyond 2^53 cannot be carried by JSON numbers and are rounded as JSON rounds them.
 */
export function valueToCedarJson(value: Val): CedarJson {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object") return value;
  if (value instanceof Uid) return { __entity: { type: value.type, id: value.id } };
  if (value instanceof CedarSet) return value.items.map(valueToCedarJson);
  if (value instanceof CedarRecord) {
    return Object.fromEntries([...value.fields].map(([name, field]) => [name, valueToCedarJson(field)]));
  }
  if (value instanceof Decimal) return extension("decimal", printDecimal(value));
  if (value instanceof Duration) return extension("duration", `${value.ms}ms`);
  // any datetime, also outside the years that its text form knows
  if (value instanceof Datetime) {
    return {
      __extn: { fn: "offset", args: [extension("datetime", "1970-01-01"), extension("duration", `${value.ms}ms`)] },
    };
  }
  return extension("ip", printIp(value));
}

function extension(fn: string, arg: string): CedarJson {
  return { __extn: { fn, arg } };
}
