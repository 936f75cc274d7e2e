import { Fault } from "./fault.ts";
import { type Long, longFromBigint } from "./long.ts";

/** Cedar's decimal: a 64-bit integer of ten-thousandths. */
export class Decimal {
  readonly typeName = "decimal";
  readonly units: Long;
  constructor(units: Long) {
    this.units = units;
  }
  get key(): string {
    return `d${this.units}`;
  }
}

const FORM = /^(-?)([0-9]+)\.([0-9]{1,4})$/;

/** Reads `-12.3456`: digits on both sides, at most four after the point, within 64 bits of ten-thousandths. */
export function parseDecimal(text: string): Decimal | Fault {
  const match = FORM.exec(text);
  if (match === null) return new Fault(`${JSON.stringify(text)} is not a decimal such as 12.34`);
  const [, sign, whole = "", fraction = ""] = match;
  const magnitude = BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, "0"));
  const units = longFromBigint(sign === "-" ? -magnitude : magnitude);
  return units === undefined ? new Fault(`decimal ${text} is out of range`) : new Decimal(units);
}
