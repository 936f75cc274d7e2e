/** Writes a whole number from 0 to 2^53 − 1 in decimal digits. */
export function writeInteger(target: Uint8Array, at: number, value: number): number {
  if (value <= SMALL_MAX) return writeSmall(target, at, value, smallDigits(value));
  const high = Math.floor(value / SMALL_END);
  return writeSmall(target, writeInteger(target, at, high), value - high * SMALL_END, SMALL_DIGITS);
}

/** How many digits that are. */
export function digitsOf(value: number): number {
  return value <= SMALL_MAX ? smallDigits(value) : SMALL_DIGITS + digitsOf(Math.floor(value / SMALL_END));
}

/** What small integers are calculated with: twice as fast. */
const SMALL_DIGITS = 9;
const SMALL_END = 10 ** SMALL_DIGITS;
const SMALL_MAX = SMALL_END - 1;

function smallDigits(value: number): number {
  let digits = 1;
  for (let bound = 10; digits < SMALL_DIGITS && value >= bound; bound *= 10) digits += 1;
  return digits;
}

function writeSmall(target: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let index = at + digits - 1; index >= at; index -= 1) {
    const next = (rest / 10) | 0;
    target[index] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return at + digits;
}

/** Writes a whole number from 0 to 2^48 − 1 as six bytes, little endian. */
export function writeSix(target: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  const low = value - high * 2 ** 32;
  target[at] = low;
  target[at + 1] = low >>> 8;
  target[at + 2] = low >>> 16;
  target[at + 3] = low >>> 24;
  target[at + 4] = high;
  target[at + 5] = high >>> 8;
}
