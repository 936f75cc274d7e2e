/** Writes a text of ASCII alone by hand, which costs less than a call into C++ up to about a hundred characters. */
export function writeAscii(target: Uint8Array, at: number, text: string): number {
  const { length } = text;
  for (let index = 0; index < length; index += 1) target[at + index] = text.charCodeAt(index);
  return at + length;
}

/** Writes a whole number from 0 to 2^53 − 1 in decimal digits. */
export function writeInteger(target: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  let rest = value;
  for (let index = at + digits - 1; index >= at; index -= 1) {
    const next = Math.floor(rest / 10);
    target[index] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return at + digits;
}
