/**
 * Cedar's Long is a signed 64-bit integer. Here it is canonical: a JavaScript number while it is a safe integer, a bigint
 * beyond. So equal longs are always `===`, and the usual small ones cost no allocation.
 */
export type Long = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** The canonical form of an integer, or undefined outside 64 bits. */
export function longFromBigint(exact: bigint): Long | undefined {
  if (exact >= -SAFE_MAX && exact <= SAFE_MAX) return Number(exact);
  return exact >= MIN && exact <= MAX ? exact : undefined;
}

/** The sum, or undefined on overflow. */
export function addLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum + 0;
  }
  return longFromBigint(BigInt(left) + BigInt(right));
}

/** The difference, or undefined on overflow. */
export function subtractLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === "number" && typeof right === "number") {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference + 0;
  }
  return longFromBigint(BigInt(left) - BigInt(right));
}

/** The product, or undefined on overflow. A product that rounds is never a safe integer, so the check is exact. */
export function multiplyLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === "number" && typeof right === "number") {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return longFromBigint(BigInt(left) * BigInt(right));
}

/** Minus the value, or undefined for the smallest long. */
export function negateLong(long: Long): Long | undefined {
  return subtractLongs(0, long);
}

/** Division that truncates towards zero; `by` is positive. */
export function divideLong(long: Long, by: number): Long {
  if (typeof long === "number") return Math.trunc(long / by) + 0;
  return longFromBigint(long / BigInt(by)) ?? 0;
}

/** The remainder of division that rounds down, so never negative; `by` is positive. */
export function floorModLong(long: Long, by: number): number {
  if (typeof long === "number") return (((long % by) + by) % by) + 0;
  const rest = Number(long % BigInt(by));
  return rest < 0 ? rest + by : rest;
}
