import { type CellMask, NULL_CELL } from "./cell-mask.ts";
import type { DigitPseudonyms } from "./format.ts";
import { decodeNumeric, encodeNumeric } from "./numeric-wire.ts";
import type { Tokens } from "./token.ts";

/** What JavaScript and JDBC read exactly whatever they take a numeric for. */
const TOKEN_BELOW = 10n ** 15n;

/** A whole number for a number: equal ones give equal tokens, 12.5 and 12.50 too. */
export function numericToken(tokens: Tokens, format: number): CellMask {
  return numericMask(format, (value) => {
    const plain = value.includes(".") ? value.replace(/\.?0+$/, "") : value;
    return (tokens.digest(plain).readBigUInt64BE(0) % TOKEN_BELOW).toString();
  });
}

/** Other digits in the place of digits; sign, length and point stay. Of a scale, so that columns of one scale join. */
export function numericFormat(pseudonyms: DigitPseudonyms, format: number): CellMask {
  return numericMask(format, (value) => {
    const [, sign = "", whole = "", fraction = ""] = /^(-?)([1-9][0-9]*)(?:\.([0-9]+))?$/.exec(value) ?? [];
    const digits = whole + fraction;
    const pseudonym = pseudonyms.below(digits, 10n ** BigInt(digits.length));
    if (whole === "" || pseudonym === undefined) return undefined;
    const shown = sign + pseudonym.slice(0, whole.length);
    return fraction === "" ? shown : `${shown}.${pseudonym.slice(whole.length)}`;
  });
}

function numericMask(format: number, make: (value: string) => string | undefined): CellMask {
  return (source, start, end, target, at) => {
    const value = format === 1 ? decodeNumeric(source, start, end) : source.toString("latin1", start, end);
    const shown = value !== undefined && /^-?[0-9]+(\.[0-9]+)?$/.test(value) ? make(value) : undefined;
    if (shown === undefined) return NULL_CELL;
    return at + (format === 1 ? encodeNumeric(shown).copy(target, at) : target.write(shown, at, "latin1"));
  };
}
