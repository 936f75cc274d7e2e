import { createHmac } from "node:crypto";
import { FF1 } from "@noble/ciphers/ff1.js";
import { classKindOf } from "@sluice/bundle/mask-examples";

/** NIST SP 800-38G revision 1 asks for at least a million possible values: fewer digits are hidden whole. */
const DIGITS_MIN = 6;
/** Longer numbers are none of a person's. */
const DIGITS_MAX = 40;
/** Values remembered per result set: one costs about 180 µs. */
const REMEMBERED_MAX = 4_096;
/** Encryptions until the result has the wished form; the chance that so many are needed is below 1 in 10^9 for int4. */
const WALK_MAX = 256;
const CARD_DIGITS_MIN = 12;
const CARD_DIGITS_MAX = 19;

/**
 * Numbers of the same length in the place of numbers: FF1 (NIST SP 800-38G) under a key that is derived from the org's mask
 * key, tweaked by the data class. The same number gives the same pseudonym wherever it is written with whatever separators,
 * so tables still join. A card number with a right checksum gives one with a right checksum.
 */
export class DigitPseudonyms {
  readonly #cipher: ReturnType<typeof FF1>;
  readonly #checksummed: boolean;
  readonly #known = new Map<string, string | undefined>();

  constructor(maskKey: string, dataClass: string) {
    // a key of its own: tokens are made with the mask key itself
    const key = createHmac("sha256", Buffer.from(maskKey, "base64url")).update("sluice mask ff1 v1").digest();
    this.#cipher = FF1(10, key, Buffer.from(dataClass, "utf8"));
    this.#checksummed = classKindOf(dataClass) === "card";
  }

  /** A pseudonym of as many decimal digits; undefined where there are too few or too many for one. */
  of(digits: string): string | undefined {
    return this.#remembered(digits, () => this.#formed(digits));
  }

  /** The same for a number without leading zeros that is at most `max`: so is its pseudonym. */
  below(digits: string, max: bigint): string | undefined {
    return this.#remembered(digits, () =>
      this.#walk(digits, (candidate) => candidate[0] !== "0" && BigInt(candidate) <= max),
    );
  }

  #remembered(digits: string, make: () => string | undefined): string | undefined {
    if (digits.length < DIGITS_MIN || digits.length > DIGITS_MAX) return undefined;
    if (this.#known.has(digits)) return this.#known.get(digits);
    const made = make();
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    this.#known.set(digits, made);
    return made;
  }

  #formed(digits: string): string | undefined {
    const isCard = this.#checksummed && digits.length >= CARD_DIGITS_MIN && digits.length <= CARD_DIGITS_MAX;
    if (!isCard) return this.#walk(digits, () => true);
    if (checkDigitOf(digits.slice(0, -1)) !== digits.at(-1))
      return this.#walk(digits, (candidate) => checkDigitOf(candidate.slice(0, -1)) !== candidate.at(-1));
    const body = this.#walk(digits.slice(0, -1), () => true);
    return body && body + checkDigitOf(body);
  }

  /** Encrypts until the form fits: within a set of forms this is a permutation still. Never gives the number itself. */
  #walk(digits: string, fits: (candidate: string) => boolean): string | undefined {
    let current = Array.from(digits, Number);
    for (let step = 0; step < WALK_MAX; step++) {
      current = this.#cipher.encrypt(current);
      const candidate = current.join("");
      if (fits(candidate)) return candidate === digits ? undefined : candidate;
    }
    return undefined;
  }
}

/** The digit that makes a number pass the Luhn check (ISO/IEC 7812-1, annex B). */
function checkDigitOf(body: string): string {
  let sum = 0;
  for (let index = body.length - 1, double = true; index >= 0; index--, double = !double) {
    const digit = Number(body[index]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}
