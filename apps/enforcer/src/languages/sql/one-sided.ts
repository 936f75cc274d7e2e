import type { A_Expr, Node } from "libpg-query";
import { literalOf, textsOf } from "./tree.ts";

/** Functions that give nothing negative. */
const SIZES = new Set([
  "length",
  "char_length",
  "character_length",
  "octet_length",
  "bit_length",
  "abs",
  "array_length",
  "cardinality",
  "strpos",
  "position",
  "count",
]);

/**
 * Whether a comparison has its limit where nearly every value is on one side of it: `id > -1`, `length(name) >= 0`,
 * `id < 2147483647`, `id + 1 > 0`, `created < 'infinity'`.
 */
export function oneSided(operator: string, value: Node | undefined, limit: Node | undefined): boolean {
  if (!value || !/^[<>]=?$/.test(operator)) return false;
  const upwards = operator.startsWith(">");
  const end = endOfTime(literalOf(limit) ?? "");
  if (end) return end === (upwards ? "past" : "future");
  const moved = movedBy(value);
  const number = numberOf(limit);
  if (number === undefined) return false;
  if (upwards)
    return (number - moved <= 0 && (!("A_Expr" in value) || moved !== 0)) || sizeReaches(value, operator, number);
  return number - moved >= 1_000_000;
}

/** Which end of time a date is at: before what databases hold, or after it. */
function endOfTime(text: string): "past" | "future" | undefined {
  if (/^(-infinity$|epoch$|0\d{3}-|1[0-8]\d\d-|19[0-6]\d-|1970-01-01)| BC$/i.test(text)) return "past";
  return /^(infinity$|2[2-9]\d\d-|[3-9]\d{3}-|\d{5,}-)/i.test(text) ? "future" : undefined;
}

/** The number that is added to a column: `id + 1`. */
function movedBy(value: Node): number {
  if (!("A_Expr" in value)) return 0;
  const { lexpr, rexpr } = value.A_Expr;
  const sign = { "+": 1, "-": -1 }[operatorOf(value.A_Expr)];
  return (sign ?? 0) * (numberOf(rexpr) ?? (sign === 1 ? numberOf(lexpr) : undefined) ?? 0);
}

/** A number that is written out, sums and products of such included. */
export function numberOf(node: Node | undefined): number | undefined {
  const literal = literalOf(node);
  if (literal !== undefined) return Number.isNaN(Number(literal)) ? undefined : Number(literal);
  if (!node || !("A_Expr" in node)) return undefined;
  const { lexpr, rexpr } = node.A_Expr;
  const [left, right] = [lexpr ? numberOf(lexpr) : 0, numberOf(rexpr)];
  if (left === undefined || right === undefined) return undefined;
  const results = { "+": left + right, "-": left - right, "*": left * right, "/": left / right };
  return Object.entries(results).find(([operator]) => operator === operatorOf(node.A_Expr))?.[1];
}

/** `length(name) >= 0`, `count(*) >= 1`. */
function sizeReaches(node: Node, operator: string, number: number): boolean {
  const isSize = "FuncCall" in node && SIZES.has(textsOf(node.FuncCall.funcname).at(-1) ?? "");
  return isSize && (operator === ">=" ? number <= 1 : number < 1);
}

/** The same of both limits of BETWEEN, in whichever order: `id BETWEEN -1 AND 2147483647`. */
export function spansAll(value: Node | undefined, limits: Node | undefined): boolean {
  const [low, high] = limits && "List" in limits ? (limits.List.items ?? []) : [];
  const spans = (from: Node | undefined, to: Node | undefined) =>
    oneSided(">=", value, from) && oneSided("<=", value, to);
  return spans(low, high) || spans(high, low);
}

/** An operator's own name, without its schema. */
export function operatorOf(expr: A_Expr): string {
  return textsOf(expr.name).at(-1) ?? "";
}
