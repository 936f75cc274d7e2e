type Json = Readonly<Record<string, unknown>>;

/** Something that a condition wants of a request: a value at a path, or an ancestor. */
export interface Wish {
  readonly root: "principal" | "resource" | "context";
  /** attributes below the root; empty for an ancestor */
  readonly path: readonly string[];
  readonly value?: unknown;
  readonly parent?: { readonly type: string; readonly id: string };
}

const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);
const extensions = new Set(["ip", "decimal", "datetime", "duration"]);

/** What a condition in Cedar's JSON form wants so that its comparisons are about something. Later wishes win. */
export function wishesOf(expr: unknown): Wish[] {
  if (Array.isArray(expr)) return expr.flatMap(wishesOf);
  if (!isRecord(expr)) return [];
  const [entry] = Object.entries(expr);
  if (entry === undefined) return [];
  const [operator, body] = entry;
  const here = wishOf(operator, body);
  if (here.length > 0) return here;
  const path = operator === "." ? pathOf(expr) : undefined;
  // an attribute that stands alone is a Bool
  if (path !== undefined) return [{ ...path, value: true }];
  return isRecord(body) ? Object.values(body).flatMap(wishesOf) : wishesOf(body);
}

function wishOf(operator: string, body: unknown): Wish[] {
  if (!isRecord(body)) return callWishes(operator, body);
  const { left, right, pattern } = body;
  if (comparisons.has(operator)) return [...valueAt(left, literalOf(right)), ...valueAt(right, literalOf(left))];
  if (operator === "contains") return [...valueAt(left, listed(literalOf(right))), ...valueAt(right, firstOf(left))];
  if (operator === "containsAll" || operator === "containsAny") {
    return [...valueAt(left, literalOf(right)), ...valueAt(right, literalOf(left))];
  }
  if (operator === "like") return valueAt(left, matching(pattern));
  if (operator !== "in") return [];
  const parent = entityOf(right);
  const root = rootOf(left);
  return parent === undefined || root === undefined ? [] : [{ root, path: [], parent }];
}

/** Methods of extension types: the literal argument is a good value for what they are called on. */
function callWishes(operator: string, body: unknown): Wish[] {
  if (!Array.isArray(body) || extensions.has(operator)) return [];
  const [on, argument] = body;
  return argument === undefined ? [] : valueAt(on, literalOf(argument));
}

function valueAt(expr: unknown, value: unknown): Wish[] {
  const path = value === undefined ? undefined : pathOf(expr);
  return path === undefined ? [] : [{ ...path, value }];
}

function pathOf(expr: unknown): Pick<Wish, "root" | "path"> | undefined {
  const names: string[] = [];
  let at: unknown = expr;
  while (isRecord(at) && isRecord(at["."])) {
    const { left, attr } = at["."];
    if (typeof attr !== "string") return undefined;
    names.unshift(attr);
    at = left;
  }
  const root = rootOf(at);
  return root === undefined || names.length === 0 ? undefined : { root, path: names };
}

function rootOf(expr: unknown): Wish["root"] | undefined {
  const name = isRecord(expr) ? expr["Var"] : undefined;
  return name === "principal" || name === "resource" || name === "context" ? name : undefined;
}

function literalOf(expr: unknown): unknown {
  if (!isRecord(expr)) return undefined;
  if ("Value" in expr) return expr["Value"];
  if (Array.isArray(expr["Set"])) {
    const items = expr["Set"].map(literalOf);
    return items.includes(undefined) ? undefined : items;
  }
  const [entry] = Object.entries(expr);
  if (entry === undefined || !extensions.has(entry[0]) || !Array.isArray(entry[1])) return undefined;
  const arg = literalOf(entry[1][0]);
  return typeof arg === "string" ? { __extn: { fn: entry[0], arg } } : undefined;
}

function entityOf(expr: unknown): Wish["parent"] {
  const value = literalOf(expr);
  const uid = isRecord(value) ? value["__entity"] : undefined;
  if (!isRecord(uid) || typeof uid["type"] !== "string" || typeof uid["id"] !== "string") return undefined;
  return { type: uid["type"], id: uid["id"] };
}

function listed(value: unknown): unknown {
  return value === undefined ? undefined : [value];
}

function firstOf(expr: unknown): unknown {
  const value = literalOf(expr);
  return Array.isArray(value) ? value[0] : undefined;
}

function matching(pattern: unknown): string | undefined {
  if (!Array.isArray(pattern)) return undefined;
  return pattern
    .map((part) => (isRecord(part) && typeof part["Literal"] === "string" ? part["Literal"] : "x"))
    .join("");
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
