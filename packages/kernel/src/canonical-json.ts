/**
 * The one text of a JSON value (RFC 8785, JSON Canonicalization Scheme): keys sorted by UTF-16 code unit, no white
 * space, numbers and strings as ECMAScript writes them. What is hashed or signed goes through here, so that a value
 * that was parsed and stored elsewhere (Postgres jsonb) gives the same bytes again.
 *
 * Properties that are `undefined` are left out, as in JSON. Throws a TypeError for what JSON cannot hold exactly
 * (NaN, infinities, bigint, functions, lone surrogates) and beyond 128 levels: these are bugs of the caller.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

const DEPTH_MAX = 128;

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new TypeError(`canonical JSON: deeper than ${DEPTH_MAX} levels`);
  if (value === null) return "null";
  if (typeof value === "string") return writeString(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "object") return writeComposite(value, depth);
  if (typeof value !== "number") throw new TypeError(`canonical JSON: a ${typeof value} has no JSON form`);
  if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a JSON number`);
  return JSON.stringify(value);
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("canonical JSON: a string with a lone surrogate has no UTF-8 form");
  return JSON.stringify(text);
}

function writeComposite(value: object, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError("canonical JSON: only plain objects and arrays have a canonical form");
  }
  const parts: string[] = [];
  for (const [key, item] of Object.entries(value).sort(byCodeUnit)) {
    if (item !== undefined) parts.push(`${writeString(key)}:${write(item, depth + 1)}`);
  }
  return `{${parts.join(",")}}`;
}

function byCodeUnit([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
