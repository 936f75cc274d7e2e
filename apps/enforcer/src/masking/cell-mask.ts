/**
 * Hides one value: writes its replacement for `source[start..end)` at `target[at…]` and gives where that ends, or
 * `NULL_CELL`. Never passes the value, whatever its bytes are.
 */
export type CellMask = (source: Buffer, start: number, end: number, target: Buffer, at: number) => number;

/** The replacement is NULL. */
export const NULL_CELL = -1;
