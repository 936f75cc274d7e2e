import type { Node } from "libpg-query";

/** A node's kind, e.g. "ColumnRef". */
export function kindOf(node: Node): string {
  for (const key in node) return key;
  return "";
}

/** The text of a String node, "*" of A_Star, else undefined. */
export function textOf(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  if ("String" in node) return node.String.sval ?? "";
  if ("A_Star" in node) return "*";
  return undefined;
}

/** The texts of a list of String nodes (a dotted name). */
export function textsOf(nodes: readonly Node[] | undefined): string[] {
  const texts: string[] = [];
  for (const node of nodes ?? []) {
    const text = textOf(node);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** A dotted name's last two parts; a database name in front is dropped (Postgres accepts only the current one). */
export function qualified(parts: readonly string[]): { readonly schema: string | undefined; readonly name: string } {
  return { schema: parts.at(-2), name: parts.at(-1) ?? "" };
}

/** The literal string or number of a constant (through casts), else undefined. */
export function literalOf(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  if ("TypeCast" in node) return literalOf(node.TypeCast.arg);
  if ("String" in node) return node.String.sval ?? "";
  if ("Integer" in node) return String(node.Integer.ival ?? 0);
  if ("Float" in node) return node.Float.fval;
  if (!("A_Const" in node)) return undefined;
  const value = node.A_Const;
  if (value.sval) return value.sval.sval ?? "";
  if (value.ival) return String(value.ival.ival ?? 0);
  if (value.fval) return value.fval.fval ?? "0";
  if (value.boolval) return value.boolval.boolval ? "true" : "false";
  return undefined;
}

/** Every node directly below a value, through the unwrapped messages in between, in order. */
export function* childrenOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* childrenOf(item);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (isNode(value)) {
    yield value;
    return;
  }
  for (const item of Object.values(value)) yield* childrenOf(item);
}

/** A wrapped node has exactly one key, the name of its message, which starts with a capital. */
export function isNode(value: object): value is Node {
  const keys = Object.keys(value);
  const first = keys.length === 1 ? (keys[0] ?? "") : "";
  return first !== "" && first[0] !== undefined && first[0] >= "A" && first[0] <= "Z";
}

/** What a node wraps. */
export function bodyOf(node: Node): unknown {
  for (const body of Object.values(node)) return body;
  return undefined;
}
