import { Datetime, Duration, parseDatetime, parseDuration } from "./datetime.ts";
import { Decimal, parseDecimal } from "./decimal.ts";
import { Fault } from "./fault.ts";
import { IpRange, parseIp } from "./ip.ts";
import { typeName, type Val } from "./value.ts";

/** An extension function or method; for a method the receiver is the first argument. */
export interface ExtensionFunction {
  readonly arity: 1 | 2;
  readonly apply: (first: Val, second: Val) => Val | Fault;
}

type Kind<T extends Val> = abstract new (...args: never) => T;

function wrong(name: string, wanted: string, got: Val): Fault {
  return new Fault(`type error: ${name} takes ${wanted}, got ${typeName(got)}`);
}

function fromText(name: string, parse: (text: string) => Val | Fault): ExtensionFunction {
  return { arity: 1, apply: (text) => (typeof text === "string" ? parse(text) : wrong(name, "a string", text)) };
}

function unary<T extends Val>(name: string, kind: Kind<T>, run: (self: T) => Val | Fault): ExtensionFunction {
  return { arity: 1, apply: (self) => (self instanceof kind ? run(self) : wrong(name, kind.name, self)) };
}

function binary<T extends Val, U extends Val>(
  name: string,
  kinds: readonly [Kind<T>, Kind<U>],
  run: (self: T, other: U) => Val | Fault,
): ExtensionFunction {
  const [first, second] = kinds;
  return {
    arity: 2,
    apply: (self, other) => {
      if (!(self instanceof first)) return wrong(name, first.name, self);
      return other instanceof second ? run(self, other) : wrong(name, second.name, other);
    },
  };
}

const decimals = [Decimal, Decimal] as const;

/** Every extension function of Cedar 4.5 by name. */
export const extensionFunctions: ReadonlyMap<string, ExtensionFunction> = new Map<string, ExtensionFunction>([
  ["ip", fromText("ip", parseIp)],
  ["isIpv4", unary("isIpv4", IpRange, (ip) => ip.version === 4)],
  ["isIpv6", unary("isIpv6", IpRange, (ip) => ip.version === 6)],
  ["isLoopback", unary("isLoopback", IpRange, (ip) => ip.isLoopback())],
  ["isMulticast", unary("isMulticast", IpRange, (ip) => ip.isMulticast())],
  ["isInRange", binary("isInRange", [IpRange, IpRange], (ip, range) => ip.isInRange(range))],
  ["decimal", fromText("decimal", parseDecimal)],
  ["lessThan", binary("lessThan", decimals, (left, right) => left.units < right.units)],
  ["lessThanOrEqual", binary("lessThanOrEqual", decimals, (left, right) => left.units <= right.units)],
  ["greaterThan", binary("greaterThan", decimals, (left, right) => left.units > right.units)],
  ["greaterThanOrEqual", binary("greaterThanOrEqual", decimals, (left, right) => left.units >= right.units)],
  ["datetime", fromText("datetime", parseDatetime)],
  ["offset", binary("offset", [Datetime, Duration], (at, by) => at.offset(by))],
  ["durationSince", binary("durationSince", [Datetime, Datetime], (at, start) => at.durationSince(start))],
  ["toDate", unary("toDate", Datetime, (at) => at.toDate())],
  ["toTime", unary("toTime", Datetime, (at) => at.toTime())],
  ["duration", fromText("duration", parseDuration)],
  ["toMilliseconds", unary("toMilliseconds", Duration, (span) => span.ms)],
  ["toSeconds", unary("toSeconds", Duration, (span) => span.whole(1_000))],
  ["toMinutes", unary("toMinutes", Duration, (span) => span.whole(60_000))],
  ["toHours", unary("toHours", Duration, (span) => span.whole(3_600_000))],
  ["toDays", unary("toDays", Duration, (span) => span.whole(86_400_000))],
]);
